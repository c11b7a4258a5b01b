"""samba-tool, minus the step that sets file permissions on sysvol: no files are served here, and only that step needs root."""
import sys

import samba.provision as provision

provision.setsysvolacl = lambda *args, **kwargs: None

from samba.netcmd.main import cmd_sambatool

sys.exit(cmd_sambatool()._run("samba-tool", *sys.argv[1:]))
