-- What each program's role may do, where there is such a role. Run after every migration.
-- History (ledger, moves, events) can be read and added to, never changed; old events have a way out
-- of their own. The vault's schema is the vault's alone.

do $$
declare
    fixed text[] := array['ledger_entries', 'ledger_lines', 'checkout_moves', 'order_moves',
                          'transaction_moves', 'modification_moves', 'events', 'delivery_tries'];
    name text;
begin
    if not exists (select from pg_roles where rolname = 'paydesk_app') then
        return;
    end if;
    grant usage on schema public to paydesk_app;
    grant select, insert, update, delete on all tables in schema public to paydesk_app;
    grant usage on all sequences in schema public to paydesk_app;
    revoke insert, update, delete on state_edges, migrations from paydesk_app;
    foreach name in array fixed loop
        execute format('revoke update, delete, truncate on %I from paydesk_app', name);
    end loop;
    grant execute on function drop_old_events to paydesk_app;
end $$;

do $$
declare
    shelf text;
begin
    if exists (select from pg_roles where rolname = 'paydesk_vault') then
        grant usage on schema vault to paydesk_vault;
        grant select, insert on vault.keys to paydesk_vault;
        grant update (key_version, wrapped) on vault.keys to paydesk_vault;
        grant select, insert, delete on vault.key_versions to paydesk_vault;
        grant select, insert, delete on vault.cards to paydesk_vault;
        grant update (shelf, key_version, wrapped_key, kept_until) on vault.cards to paydesk_vault;
        grant select, update on vault.saved_shelves to paydesk_vault;
        -- Emptied as files: see docs/decisions/0013.
        for shelf in select format('vault.cards_%s', name)
            from unnest(array['0', '1', '2', '3', '4', '5', 'saved', 'saved_too']) name loop
            execute format('grant select, truncate on %s to paydesk_vault', shelf);
        end loop;
        -- Only a superuser may hand this on, as the owner of an embedded database is.
        if (select rolsuper from pg_roles where rolname = current_user) then
            grant execute on function pg_switch_wal() to paydesk_vault;
        end if;
    end if;
end $$;
