CREATE TABLE notes (id integer primary key autoincrement, user_id text not null references user(id) on delete cascade, title text not null unique);
