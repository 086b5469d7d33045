/**
 * What each `node:` module of production exports: read from the runtime of 2026-11-17 with
 * nodejs_compat (spec/workerd-surface.json; that of 2026-01-01 has the same names in the modules
 * that it has). node-modules.ts makes namespaces of exactly these names.
 */
export type ExportType =
  | "function"
  | "object"
  | "number"
  | "string"
  | "boolean"
  | "symbol"
  | "undefined";

const LETTERS: Readonly<Record<string, ExportType>> = {
  o: "object",
  n: "number",
  s: "string",
  b: "boolean",
  y: "symbol",
  u: "undefined",
};

/** Names and types of a module's exports, `default` aside; undefined for one that production lacks. */
export function surfaceOf(module: string): ReadonlyMap<string, ExportType> | undefined {
  const start = SURFACE.indexOf(`\n= ${module}\n`);
  if (start < 0) return undefined;
  const from = start + module.length + 4;
  const end = SURFACE.indexOf("\n= ", from - 1);
  const names = SURFACE.slice(from, end < 0 ? SURFACE.length : end).split(/\s+/);
  return new Map(
    names
      .filter((name) => name !== "")
      .map((name) => {
        const type = name[1] === ":" ? LETTERS[name[0] as string] : undefined;
        return type === undefined ? [name, "function"] : [name.slice(2), type];
      }),
  );
}

/** A line with the module's name, then its exports; without a letter in front: functions. */
const SURFACE = `
= _http_agent
Agent o:globalAgent
= _http_client
ClientRequest
= _http_common
s:CRLF _checkInvalidHeaderChar _checkIsHttpToken o:chunkExpression o:continueExpression y:kIncomingMessage o:methods
o:parsers
= _http_incoming
IncomingMessage
= _http_outgoing
OutgoingMessage y:kHighWaterMark y:kUniqueHeaders parseUniqueHeadersOption validateHeaderName validateHeaderValue
= _http_server
o:STATUS_CODES Server ServerResponse _connectionListener httpServerPreClose y:kConnectionsCheckingInterval
y:kServerResponse setupConnectionsTracking storeHTTPOptions
= _stream_duplex
Duplex from fromWeb toWeb
= _stream_passthrough
PassThrough
= _stream_readable
Readable ReadableState from fromWeb toWeb wrap
= _stream_transform
Transform
= _stream_wrap
= _stream_writable
Writable WritableState fromWeb toWeb
= _tls_common
SecureContext createSecureContext translatePeerCertificate
= _tls_wrap
TLSSocket connect
= assert
Assert AssertionError deepEqual deepStrictEqual doesNotMatch doesNotReject doesNotThrow equal fail ifError match
notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok partialDeepStrictEqual rejects strict strictEqual throws
= assert/strict
Assert AssertionError deepEqual deepStrictEqual doesNotMatch doesNotReject doesNotThrow equal fail ifError match
notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok partialDeepStrictEqual rejects strict strictEqual throws
= async_hooks
AsyncLocalStorage AsyncResource o:asyncWrapProviders createHook executionAsyncId executionAsyncResource triggerAsyncId
= buffer
Blob Buffer File n:INSPECT_MAX_BYTES SlowBuffer atob btoa o:constants isAscii isUtf8 n:kMaxLength n:kStringMaxLength
resolveObjectURL transcode
= child_process
ChildProcess _forkChild exec execFile execFileSync execSync fork spawn spawnSync
= cluster
Cluster n:SCHED_NONE n:SCHED_RR Worker o:_events n:_eventsCount n:_maxListeners disconnect fork b:isMaster b:isPrimary
b:isWorker n:schedulingPolicy o:settings setupMaster setupPrimary o:workers
= console
Console assert clear context count countReset createTask debug dir dirxml error group groupCollapsed groupEnd info log
profile profileEnd table time timeEnd timeLog timeStamp trace warn
= constants
n:COPYFILE_EXCL n:COPYFILE_FICLONE n:COPYFILE_FICLONE_FORCE n:DH_CHECK_P_NOT_PRIME n:DH_CHECK_P_NOT_SAFE_PRIME
n:DH_NOT_SUITABLE_GENERATOR n:DH_UNABLE_TO_CHECK_GENERATOR n:E2BIG n:EACCES n:EADDRINUSE n:EADDRNOTAVAIL
n:EAFNOSUPPORT n:EAGAIN n:EALREADY n:EBADF n:EBADMSG n:EBUSY n:ECANCELED n:ECHILD n:ECONNABORTED n:ECONNREFUSED
n:ECONNRESET n:EDEADLK n:EDESTADDRREQ n:EDOM n:EDQUOT n:EEXIST n:EFAULT n:EFBIG n:EHOSTUNREACH n:EIDRM n:EILSEQ
n:EINPROGRESS n:EINTR n:EINVAL n:EIO n:EISCONN n:EISDIR n:ELOOP n:EMFILE n:EMLINK n:EMSGSIZE n:EMULTIHOP
n:ENAMETOOLONG n:ENETDOWN n:ENETRESET n:ENETUNREACH n:ENFILE n:ENGINE_METHOD_ALL n:ENGINE_METHOD_CIPHERS
n:ENGINE_METHOD_DH n:ENGINE_METHOD_DIGESTS n:ENGINE_METHOD_DSA n:ENGINE_METHOD_EC n:ENGINE_METHOD_NONE
n:ENGINE_METHOD_PKEY_ASN1_METHS n:ENGINE_METHOD_PKEY_METHS n:ENGINE_METHOD_RAND n:ENGINE_METHOD_RSA n:ENOBUFS
n:ENODATA n:ENODEV n:ENOENT n:ENOEXEC n:ENOLCK n:ENOLINK n:ENOMEM n:ENOMSG n:ENOPROTOOPT n:ENOSPC n:ENOSR n:ENOSTR
n:ENOSYS n:ENOTCONN n:ENOTDIR n:ENOTEMPTY n:ENOTSOCK n:ENOTSUP n:ENOTTY n:ENXIO n:EOPNOTSUPP n:EOVERFLOW n:EPERM
n:EPIPE n:EPROTO n:EPROTONOSUPPORT n:EPROTOTYPE n:ERANGE n:EROFS n:ESPIPE n:ESRCH n:ESTALE n:ETIME n:ETIMEDOUT
n:ETXTBSY n:EWOULDBLOCK n:EXDEV n:EXTENSIONLESS_FORMAT_JAVASCRIPT n:EXTENSIONLESS_FORMAT_WASM n:F_OK
n:OPENSSL_VERSION_NUMBER n:O_APPEND n:O_CREAT n:O_DIRECT n:O_DIRECTORY n:O_DSYNC n:O_EXCL n:O_NOATIME n:O_NOCTTY
n:O_NOFOLLOW n:O_NONBLOCK n:O_RDONLY n:O_RDWR n:O_SYMLINK n:O_SYNC n:O_TRUNC n:O_WRONLY n:POINT_CONVERSION_COMPRESSED
n:POINT_CONVERSION_HYBRID n:POINT_CONVERSION_UNCOMPRESSED n:PRIORITY_ABOVE_NORMAL n:PRIORITY_BELOW_NORMAL
n:PRIORITY_HIGH n:PRIORITY_HIGHEST n:PRIORITY_LOW n:PRIORITY_NORMAL n:RSA_NO_PADDING n:RSA_PKCS1_OAEP_PADDING
n:RSA_PKCS1_PADDING n:RSA_PKCS1_PSS_PADDING n:RSA_PSS_SALTLEN_AUTO n:RSA_PSS_SALTLEN_DIGEST n:RSA_PSS_SALTLEN_MAX_SIGN
n:RSA_X931_PADDING n:RTLD_DEEPBIND n:RTLD_GLOBAL n:RTLD_LAZY n:RTLD_LOCAL n:RTLD_NOW n:R_OK n:SIGABRT n:SIGALRM
n:SIGBUS n:SIGCHLD n:SIGCONT n:SIGFPE n:SIGHUP n:SIGILL n:SIGINFO n:SIGINT n:SIGIO n:SIGIOT n:SIGKILL n:SIGPIPE
n:SIGPOLL n:SIGPROF n:SIGPWR n:SIGQUIT n:SIGSEGV n:SIGSTKFLT n:SIGSTOP n:SIGSYS n:SIGTERM n:SIGTRAP n:SIGTSTP
n:SIGTTIN n:SIGTTOU n:SIGURG n:SIGUSR1 n:SIGUSR2 n:SIGVTALRM n:SIGWINCH n:SIGXCPU n:SIGXFSZ n:SSL_OP_ALL
n:SSL_OP_ALLOW_NO_DHE_KEX n:SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION n:SSL_OP_CIPHER_SERVER_PREFERENCE
n:SSL_OP_CISCO_ANYCONNECT n:SSL_OP_COOKIE_EXCHANGE n:SSL_OP_CRYPTOPRO_TLSEXT_BUG n:SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS
n:SSL_OP_LEGACY_SERVER_CONNECT n:SSL_OP_NO_COMPRESSION n:SSL_OP_NO_ENCRYPT_THEN_MAC n:SSL_OP_NO_QUERY_MTU
n:SSL_OP_NO_RENEGOTIATION n:SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION n:SSL_OP_NO_SSLv2 n:SSL_OP_NO_SSLv3
n:SSL_OP_NO_TICKET n:SSL_OP_NO_TLSv1 n:SSL_OP_NO_TLSv1_1 n:SSL_OP_NO_TLSv1_2 n:SSL_OP_NO_TLSv1_3
n:SSL_OP_PRIORITIZE_CHACHA n:SSL_OP_TLS_ROLLBACK_BUG n:S_IFBLK n:S_IFCHR n:S_IFDIR n:S_IFIFO n:S_IFLNK n:S_IFMT
n:S_IFREG n:S_IFSOCK n:S_IRGRP n:S_IROTH n:S_IRUSR n:S_IRWXG n:S_IRWXO n:S_IRWXU n:S_IWGRP n:S_IWOTH n:S_IWUSR
n:S_IXGRP n:S_IXOTH n:S_IXUSR n:TLS1_1_VERSION n:TLS1_2_VERSION n:TLS1_3_VERSION n:TLS1_VERSION n:UV_DIRENT_BLOCK
n:UV_DIRENT_CHAR n:UV_DIRENT_DIR n:UV_DIRENT_FIFO n:UV_DIRENT_FILE n:UV_DIRENT_LINK n:UV_DIRENT_SOCKET
n:UV_DIRENT_UNKNOWN n:UV_FS_COPYFILE_EXCL n:UV_FS_COPYFILE_FICLONE n:UV_FS_COPYFILE_FICLONE_FORCE n:UV_FS_O_FILEMAP
n:UV_FS_SYMLINK_DIR n:UV_FS_SYMLINK_JUNCTION n:W_OK n:X_OK s:defaultCipherList s:defaultCoreCipherList
= crypto
Certificate Cipher Cipheriv CryptoKey Decipher Decipheriv DiffieHellman DiffieHellmanGroup ECDH Hash Hmac KeyObject
PrivateKeyObject PublicKeyObject SecretKeyObject Sign Verify X509Certificate checkPrime checkPrimeSync o:constants
createCipher createCipheriv createDecipher createDecipheriv createDiffieHellman createDiffieHellmanGroup createECDH
createHash createHmac createPrivateKey createPublicKey createSecretKey createSign createVerify diffieHellman b:fips
generateKey generateKeyPair generateKeyPairSync generateKeySync generatePrime generatePrimeSync getCipherInfo
getCiphers getCurves getDiffieHellman getFips getHashes getRandomValues hash hkdf hkdfSync pbkdf2 pbkdf2Sync
privateDecrypt privateEncrypt pseudoRandomBytes publicDecrypt publicEncrypt randomBytes randomFill randomFillSync
randomInt randomUUID scrypt scryptSync secureHeapUsed setEngine setFips sign o:subtle timingSafeEqual verify
o:webcrypto
= dgram
Socket createSocket
= diagnostics_channel
Channel TracingChannel channel hasSubscribers subscribe tracingChannel unsubscribe
= dns
n:ADDRCONFIG s:ADDRGETNETWORKPARAMS n:ALL s:BADFAMILY s:BADFLAGS s:BADHINTS s:BADNAME s:BADQUERY s:BADRESP s:BADSTR
s:CANCELLED s:CONNREFUSED s:DESTRUCTION s:EOF s:FILE s:FORMERR s:LOADIPHLPAPI s:NODATA s:NOMEM s:NONAME s:NOTFOUND
s:NOTIMP s:NOTINITIALIZED s:REFUSED Resolver s:SERVFAIL s:TIMEOUT n:V4MAPPED getDefaultResultOrder getServers lookup
lookupService o:promises resolve resolve4 resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs
resolvePtr resolveSoa resolveSrv resolveTxt reverse setDefaultResultOrder setServers
= dns/promises
n:ADDRCONFIG s:ADDRGETNETWORKPARAMS n:ALL s:BADFAMILY s:BADFLAGS s:BADHINTS s:BADNAME s:BADQUERY s:BADRESP s:BADSTR
s:CANCELLED s:CONNREFUSED s:DESTRUCTION s:EOF s:FILE s:FORMERR s:LOADIPHLPAPI s:NODATA s:NOMEM s:NONAME s:NOTFOUND
s:NOTIMP s:NOTINITIALIZED s:REFUSED Resolver s:SERVFAIL s:TIMEOUT n:V4MAPPED getDefaultResultOrder getServers lookup
lookupService resolve resolve4 resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr
resolveSoa resolveSrv resolveTxt reverse setDefaultResultOrder setServers
= domain
Domain o:active o:create createDomain
= events
EventEmitter EventEmitterAsyncResource addAbortListener y:captureRejectionSymbol b:captureRejections
n:defaultMaxListeners y:errorMonitor getEventListeners getMaxListeners listenerCount on once setMaxListeners
b:usingDomains
= fs
Dir Dirent n:F_OK FileReadStream FileWriteStream n:R_OK ReadStream Stats n:W_OK WriteStream n:X_OK access accessSync
appendFile appendFileSync chmod chmodSync chown chownSync close closeSync o:constants copyFile copyFileSync cp cpSync
createReadStream createWriteStream exists existsSync fchmod fchmodSync fchown fchownSync fdatasync fdatasyncSync fstat
fstatSync fsync fsyncSync ftruncate ftruncateSync futimes futimesSync glob globSync lchmod lchmodSync lchown
lchownSync link linkSync lstat lstatSync lutimes lutimesSync mkdir mkdirSync mkdtemp mkdtempSync open openAsBlob
openSync opendir opendirSync o:promises read readFile readFileSync readSync readdir readdirSync readlink readlinkSync
readv readvSync realpath realpathSync rename renameSync rm rmSync rmdir rmdirSync stat statSync statfs statfsSync
symlink symlinkSync truncate truncateSync unlink unlinkSync unwatchFile utimes utimesSync watch watchFile write
writeFile writeFileSync writeSync writev writevSync
= fs/promises
FileHandle access appendFile chmod chown o:constants copyFile cp glob lchmod lchown link lstat lutimes mkdir mkdtemp
open opendir readFile readdir readlink realpath rename rm rmdir stat statfs symlink truncate unlink utimes watch
writeFile
= http
Agent ClientRequest CloseEvent IncomingMessage o:METHODS MessageEvent OutgoingMessage o:STATUS_CODES Server
ServerResponse WebSocket _connectionListener createServer get o:globalAgent n:maxHeaderSize request
setMaxIdleHTTPParsers validateHeaderName validateHeaderValue
= http2
Http2ServerRequest Http2ServerResponse connect o:constants createSecureServer createServer getDefaultSettings
getPackedSettings getUnpackedSettings performServerHandshake y:sensitiveHeaders
= https
Agent Server createServer get o:globalAgent request
= inspector
o:Network Session close o:console open url waitForDebugger
= inspector/promises
o:Network Session close o:console open url waitForDebugger
= module
Module SourceMap o:_cache _debug o:_extensions _findPath _initPaths _load _nodeModulePaths o:_pathCache
_preloadModules _resolveFilename _resolveLookupPaths o:builtinModules o:constants createRequire enableCompileCache
findPackageJSON findSourceMap flushCompileCache getCompileCacheDir getSourceMapsSupport o:globalPaths isBuiltin
register registerHooks runMain setSourceMapsSupport stripTypeScriptTypes syncBuiltinESMExports wrap
= net
BlockList BoundSocket Server Socket SocketAddress Stream _normalizeArgs connect createConnection createServer
getDefaultAutoSelectFamily getDefaultAutoSelectFamilyAttemptTimeout isIP isIPv4 isIPv6 setDefaultAutoSelectFamily
setDefaultAutoSelectFamilyAttemptTimeout
= os
s:EOL arch availableParallelism o:constants cpus s:devNull endianness freemem getPriority homedir hostname loadavg
machine networkInterfaces platform release setPriority tmpdir totalmem type uptime userInfo version
= path
basename s:delimiter dirname extname format isAbsolute join matchesGlob normalize parse o:posix relative resolve s:sep
toNamespacedPath o:win32
= path/posix
basename s:delimiter dirname extname format isAbsolute join matchesGlob normalize parse o:posix relative resolve s:sep
toNamespacedPath o:win32
= path/win32
basename s:delimiter dirname extname format isAbsolute join matchesGlob normalize parse o:posix relative resolve s:sep
toNamespacedPath o:win32
= perf_hooks
Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList
PerformanceResourceTiming o:constants createHistogram eventLoopUtilization monitorEventLoopDelay o:performance
timerify
= process
u:_channel _debugEnd _debugProcess u:_disconnect o:_events n:_eventsCount b:_exiting _fatalException _getActiveHandles
_getActiveRequests u:_handleQueue _kill _linkedBinding u:_maxListeners u:_pendingMessage o:_preload_modules _rawDebug
u:_send _startProfilerIdleNotifier _stopProfilerIdleNotifier _tickCallback abort o:allowedNodeEnvironmentFlags s:arch
o:argv s:argv0 assert availableMemory binding o:channel chdir o:config b:connected constrainedMemory cpuUsage cwd
n:debugPort dlopen o:domain emitWarning o:env o:execArgv s:execPath execve exit u:exitCode o:features o:finalization
getActiveResourcesInfo getBuiltinModule getSourceMapsSupport getegid geteuid getgid getgroups getuid
hasUncaughtExceptionCaptureCallback hrtime initgroups kill loadEnvFile memoryUsage o:moduleLoadList nextTick
b:noDeprecation openStdin o:permission n:pid s:platform n:ppid reallyExit ref o:release o:report resourceUsage send
setSourceMapsEnabled setUncaughtExceptionCaptureCallback setegid seteuid setgid setgroups setuid b:sourceMapsEnabled
o:stderr o:stdin o:stdout threadCpuUsage b:throwDeprecation s:title b:traceDeprecation umask unref uptime s:version
o:versions
= punycode
decode encode toASCII toUnicode o:ucs2 s:version
= querystring
decode encode escape parse stringify unescape unescapeBuffer
= readline
Interface clearLine clearScreenDown createInterface cursorTo emitKeypressEvents moveCursor o:promises
= readline/promises
Interface Readline createInterface
= repl
REPLServer y:REPL_MODE_SLOPPY y:REPL_MODE_STRICT Recoverable o:_builtinLibs o:builtinModules start writer
= sqlite
DatabaseSync StatementSync backup o:constants
= stream
Duplex PassThrough Readable Stream Transform Writable _isArrayBufferView _isUint8Array _uint8ArrayToBuffer
addAbortSignal compose destroy duplexPair finished getDefaultHighWaterMark isDestroyed isDisturbed isErrored
isReadable isWritable pipeline o:promises setDefaultHighWaterMark
= stream/consumers
arrayBuffer blob buffer json text
= stream/promises
finished pipeline o:promises
= stream/web
ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy DecompressionStream ReadableByteStreamController
ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController
ReadableStreamDefaultReader TextDecoderStream TextEncoderStream TransformStream TransformStreamDefaultController
WritableStream WritableStreamDefaultController WritableStreamDefaultWriter
= string_decoder
StringDecoder
= sys
MIMEParams MIMEType TextDecoder TextEncoder _errnoException _exceptionWithHostPort _extend aborted callbackify
convertProcessSignalToExitCode debug debuglog deprecate diff format formatWithOptions getCallSite getCallSites
getSystemErrorMap getSystemErrorMessage getSystemErrorName inherits inspect isArray isBoolean isBuffer isDate
isDeepStrictEqual isError isFunction isNull isNullOrUndefined isNumber isObject isPrimitive isRegExp isString isSymbol
isUndefined log parseArgs parseEnv promisify setTraceSigInt stripVTControlCharacters styleText toUSVString
transferableAbortController transferableAbortSignal o:types
= test
MockFunctionContext MockTracker o:mock
= timers
Timeout active clearImmediate clearInterval clearTimeout enroll o:promises setImmediate setInterval setTimeout
unenroll
= timers/promises
o:scheduler setImmediate setInterval setTimeout
= tls
n:CLIENT_RENEG_LIMIT n:CLIENT_RENEG_WINDOW s:DEFAULT_CIPHERS s:DEFAULT_ECDH_CURVE s:DEFAULT_MAX_VERSION
s:DEFAULT_MIN_VERSION SecureContext Server TLSSocket checkServerIdentity connect convertALPNProtocols
createSecureContext createSecurePair createServer getCiphers o:rootCertificates
= trace_events
createTracing getEnabledCategories
= tty
ReadStream WriteStream isatty
= url
URL URLSearchParams Url domainToASCII domainToUnicode fileURLToPath format parse pathToFileURL resolve resolveObject
toPathIfFileURL urlToHttpOptions
= util
MIMEParams MIMEType TextDecoder TextEncoder _errnoException _exceptionWithHostPort _extend aborted callbackify
convertProcessSignalToExitCode debug debuglog deprecate diff format formatWithOptions getCallSite getCallSites
getSystemErrorMap getSystemErrorMessage getSystemErrorName inherits inspect isArray isBoolean isBuffer isDate
isDeepStrictEqual isError isFunction isNull isNullOrUndefined isNumber isObject isPrimitive isRegExp isString isSymbol
isUndefined log parseArgs parseEnv promisify setTraceSigInt stripVTControlCharacters styleText toUSVString
transferableAbortController transferableAbortSignal o:types
= util/types
isAnyArrayBuffer isArgumentsObject isArrayBuffer isArrayBufferView isAsyncFunction isBigInt64Array isBigIntObject
isBigUint64Array isBooleanObject isBoxedPrimitive isCryptoKey isDataView isDate isExternal isFloat16Array
isFloat32Array isFloat64Array isGeneratorFunction isGeneratorObject isInt16Array isInt32Array isInt8Array isKeyObject
isMap isMapIterator isModuleNamespaceObject isNativeError isNumberObject isPromise isProxy isRegExp isSet
isSetIterator isSharedArrayBuffer isStringObject isSymbolObject isTypedArray isUint16Array isUint32Array isUint8Array
isUint8ClampedArray isWeakMap isWeakSet
= v8
DefaultDeserializer DefaultSerializer Deserializer GCProfiler Serializer cachedDataVersionTag deserialize
getCppHeapStatistics getHeapCodeStatistics getHeapSnapshot getHeapSpaceStatistics getHeapStatistics
isStringOneByteRepresentation o:promiseHooks queryObjects serialize setFlagsFromString setHeapSnapshotNearHeapLimit
o:startupSnapshot stopCoverage takeCoverage writeHeapSnapshot
= vm
Script compileFunction o:constants createContext createScript isContext measureMemory runInContext runInNewContext
runInThisContext
= wasi
WASI
= worker_threads
BroadcastChannel MessageChannel MessagePort y:SHARE_ENV Worker getEnvironmentData b:isInternalThread b:isMainThread
isMarkedAsUntransferable markAsUncloneable markAsUntransferable moveMessagePortToContext o:parentPort
postMessageToThread receiveMessageOnPort o:resourceLimits setEnvironmentData n:threadId o:workerData
= zlib
n:BROTLI_DECODE n:BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES n:BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MAP
n:BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES n:BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_1
n:BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_2 n:BROTLI_DECODER_ERROR_ALLOC_TREE_GROUPS
n:BROTLI_DECODER_ERROR_DICTIONARY_NOT_SET n:BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_1
n:BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_2 n:BROTLI_DECODER_ERROR_FORMAT_CL_SPACE
n:BROTLI_DECODER_ERROR_FORMAT_CONTEXT_MAP_REPEAT n:BROTLI_DECODER_ERROR_FORMAT_DICTIONARY
n:BROTLI_DECODER_ERROR_FORMAT_DISTANCE n:BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_META_NIBBLE
n:BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_NIBBLE n:BROTLI_DECODER_ERROR_FORMAT_HUFFMAN_SPACE
n:BROTLI_DECODER_ERROR_FORMAT_PADDING_1 n:BROTLI_DECODER_ERROR_FORMAT_PADDING_2 n:BROTLI_DECODER_ERROR_FORMAT_RESERVED
n:BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_ALPHABET n:BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_SAME
n:BROTLI_DECODER_ERROR_FORMAT_TRANSFORM n:BROTLI_DECODER_ERROR_FORMAT_WINDOW_BITS
n:BROTLI_DECODER_ERROR_INVALID_ARGUMENTS n:BROTLI_DECODER_ERROR_UNREACHABLE n:BROTLI_DECODER_NEEDS_MORE_INPUT
n:BROTLI_DECODER_NEEDS_MORE_OUTPUT n:BROTLI_DECODER_NO_ERROR n:BROTLI_DECODER_PARAM_DISABLE_RING_BUFFER_REALLOCATION
n:BROTLI_DECODER_PARAM_LARGE_WINDOW n:BROTLI_DECODER_RESULT_ERROR n:BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT
n:BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT n:BROTLI_DECODER_RESULT_SUCCESS n:BROTLI_DECODER_SUCCESS
n:BROTLI_DEFAULT_MODE n:BROTLI_DEFAULT_QUALITY n:BROTLI_DEFAULT_WINDOW n:BROTLI_ENCODE n:BROTLI_LARGE_MAX_WINDOW_BITS
n:BROTLI_MAX_INPUT_BLOCK_BITS n:BROTLI_MAX_QUALITY n:BROTLI_MAX_WINDOW_BITS n:BROTLI_MIN_INPUT_BLOCK_BITS
n:BROTLI_MIN_QUALITY n:BROTLI_MIN_WINDOW_BITS n:BROTLI_MODE_FONT n:BROTLI_MODE_GENERIC n:BROTLI_MODE_TEXT
n:BROTLI_OPERATION_EMIT_METADATA n:BROTLI_OPERATION_FINISH n:BROTLI_OPERATION_FLUSH n:BROTLI_OPERATION_PROCESS
n:BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING n:BROTLI_PARAM_LARGE_WINDOW n:BROTLI_PARAM_LGBLOCK
n:BROTLI_PARAM_LGWIN n:BROTLI_PARAM_MODE n:BROTLI_PARAM_NDIRECT n:BROTLI_PARAM_NPOSTFIX n:BROTLI_PARAM_QUALITY
BrotliCompress BrotliDecompress n:DEFLATE n:DEFLATERAW Deflate DeflateRaw n:GUNZIP n:GZIP Gunzip Gzip n:INFLATE
n:INFLATERAW Inflate InflateRaw n:UNZIP Unzip n:ZLIB_VERNUM n:ZSTD_COMPRESS n:ZSTD_DECODE n:ZSTD_DECOMPRESS
n:ZSTD_ENCODE n:ZSTD_error_GENERIC n:ZSTD_error_checksum_wrong n:ZSTD_error_corruption_detected
n:ZSTD_error_dictionaryCreation_failed n:ZSTD_error_dictionary_corrupted n:ZSTD_error_dictionary_wrong
n:ZSTD_error_dstBuffer_null n:ZSTD_error_dstSize_tooSmall n:ZSTD_error_frameParameter_unsupported
n:ZSTD_error_frameParameter_windowTooLarge n:ZSTD_error_init_missing n:ZSTD_error_literals_headerWrong
n:ZSTD_error_maxSymbolValue_tooLarge n:ZSTD_error_maxSymbolValue_tooSmall n:ZSTD_error_memory_allocation
n:ZSTD_error_noForwardProgress_destFull n:ZSTD_error_noForwardProgress_inputEmpty n:ZSTD_error_no_error
n:ZSTD_error_parameter_combination_unsupported n:ZSTD_error_parameter_outOfBound n:ZSTD_error_parameter_unsupported
n:ZSTD_error_prefix_unknown n:ZSTD_error_srcSize_wrong n:ZSTD_error_stabilityCondition_notRespected
n:ZSTD_error_stage_wrong n:ZSTD_error_tableLog_tooLarge n:ZSTD_error_version_unsupported
n:ZSTD_error_workSpace_tooSmall n:Z_BEST_COMPRESSION n:Z_BEST_SPEED n:Z_BLOCK n:Z_BUF_ERROR n:Z_DATA_ERROR
n:Z_DEFAULT_CHUNK n:Z_DEFAULT_COMPRESSION n:Z_DEFAULT_LEVEL n:Z_DEFAULT_MEMLEVEL n:Z_DEFAULT_STRATEGY
n:Z_DEFAULT_WINDOWBITS n:Z_ERRNO n:Z_FILTERED n:Z_FINISH n:Z_FIXED n:Z_FULL_FLUSH n:Z_HUFFMAN_ONLY n:Z_MAX_CHUNK
n:Z_MAX_LEVEL n:Z_MAX_MEMLEVEL n:Z_MAX_WINDOWBITS n:Z_MEM_ERROR n:Z_MIN_CHUNK n:Z_MIN_LEVEL n:Z_MIN_MEMLEVEL
n:Z_MIN_WINDOWBITS n:Z_NEED_DICT n:Z_NO_COMPRESSION n:Z_NO_FLUSH n:Z_OK n:Z_PARTIAL_FLUSH n:Z_RLE n:Z_STREAM_END
n:Z_STREAM_ERROR n:Z_SYNC_FLUSH n:Z_VERSION_ERROR ZstdCompress ZstdDecompress brotliCompress brotliCompressSync
brotliDecompress brotliDecompressSync o:codes o:constants crc32 createBrotliCompress createBrotliDecompress
createDeflate createDeflateRaw createGunzip createGzip createInflate createInflateRaw createUnzip createZstdCompress
createZstdDecompress deflate deflateRaw deflateRawSync deflateSync gunzip gunzipSync gzip gzipSync inflate inflateRaw
inflateRawSync inflateSync unzip unzipSync zstdCompress zstdCompressSync zstdDecompress zstdDecompressSync
`;
