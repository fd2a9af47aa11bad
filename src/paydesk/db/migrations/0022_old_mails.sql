-- Mails are forgotten some time after they were sent or given up; this finds the old ones.

create index mails_old on mails (created_at) where state <> 'due';
