-- Mails: an outbox of who is to be told what; and how a merchant is reached.

alter table accounts
    add column email text,
    add column contact_number text;

-- A row says what to tell, not how: the mail is written when it is sent, from what it tells of.
create table mails (
    account_id integer not null,
    id text collate "C" not null,
    kind text not null,
    -- The id of what it tells of. Of each kind nobody gets two about one thing.
    about text collate "C" not null,
    recipient text not null,
    state text not null default 'due' check (state in ('due', 'sent', 'dead')),
    -- Tries begun. While one runs, due_at is the end of its lease.
    tries smallint not null default 0,
    due_at timestamptz default now(),
    sent_at timestamptz,
    -- Why the last try failed.
    failure text,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    unique (about, kind, recipient, account_id),
    check ((state = 'due') = (due_at is not null))
) with (fillfactor = 80);
create index mails_due on mails (due_at) where state = 'due';
create index mails_dead on mails (id) where state = 'dead';
