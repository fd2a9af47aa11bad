-- The language that a payer chose on the page, as its code: `zu`. Null where none was chosen.
alter table sessions add column language text;
