"""`paydesk backup`: the whole database in one file, and the keys in another."""

import os
from pathlib import Path

from paydesk.cli.data_folder import DataFault
from paydesk.cli.kept_keys import keys_in_use
from paydesk.cli.owner_database import owner_database
from paydesk.cli.terminal import Terminal
from paydesk.db.dump import dump_database
from paydesk.settings import read_settings


def backup(data: Path, file: Path, keys_file: Path | None) -> None:
    """Writes the files with mode 0600; serve may go on running meanwhile.

    Cards and webhook secrets are sealed in the database, API secrets are hashed; what opens them
    goes to keys_file only.
    Raises: SettingFault, DataFault, PostgresFault.
    """
    settings, terminal, data = read_settings(), Terminal(), data.absolute()
    if not (data / "run").is_dir() and not settings.database_url:
        raise DataFault(f"{data} is not the data folder of a Paydesk: name it with --data.")
    for path in (file, keys_file):
        if path is not None:
            _check_free(path)
    keys = None if keys_file is None else keys_in_use(settings, data)
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    # Made first, so that it is closed to others from its first byte.
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with terminal.waiting("Writing …"), owner_database(settings, data) as database:
            dump_database(database, draft)
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    terminal.say(f"The database is in {file}.")
    if keys is None or keys_file is None:
        terminal.say("The keys that open its cards are not in it: keep them too, with --keys FILE.")
        return
    keys.write(keys_file)
    terminal.say(f"The keys are in {keys_file}. Keep it elsewhere: both together open every card.")


def _check_free(path: Path) -> None:
    if path.exists():
        raise DataFault(f"{path} is there already, and a backup overwrites nothing.")
    if not path.absolute().parent.is_dir():
        raise DataFault(f"There is no folder {path.absolute().parent}.")
