/** Addresses as the builder form of messages writes them (spec/resources.md 11.2); pure. */

export type MailAddress = string | { readonly name?: string; readonly email: string };

/** The bare address. Nothing else checks it: undefined is a TypeError. */
export function emailOf(address: MailAddress): string {
  return typeof address === "string" ? address : address.email;
}

/** As it stands in a header. */
export function formatAddress(address: MailAddress): string {
  if (typeof address === "string") return address;
  const { name, email } = address;
  return name ? `"${name}" <${email}>` : email;
}

export function addressList(value: MailAddress | readonly MailAddress[]): readonly MailAddress[] {
  return Array.isArray(value) ? value : [value as MailAddress];
}

export function formatAddresses(value: MailAddress | readonly MailAddress[]): string {
  return addressList(value).map(formatAddress).join(", ");
}
