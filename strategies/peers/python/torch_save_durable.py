import os
import pathlib

import checkpoint_steps
import torch
import torch_save


class TorchSaveDurable(torch_save.TorchSave):
    """torch.save as documented for speed and safety: no CRC, temporary file, fsync, rename

    https://docs.pytorch.org/docs/stable/notes/serialization.html: set_crc32_options(False) leaves
    out a checksum that torch.load does not check. The file is written under a temporary name,
    synced, renamed, and the folder is synced.
    """

    survives = "process,power"

    def __init__(self, directory):
        super().__init__(directory)
        torch.serialization.set_crc32_options(False)

    def save(self, state, step):
        path = self.path(step)
        temporary = pathlib.Path(f"{path}.tmp")
        with open(temporary, "wb") as file:
            torch.save({"step": step, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        folder = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def retain(self, steps):
        super().retain(steps)
        # What a kill has left. No save is under way: save() returns before retain() is called.
        checkpoint_steps.retain(self.directory, [], ".tar.tmp")
