import checkpoint_steps
import torch
import torch.distributed.checkpoint as dcp


class Dcp:
    """PyTorch's distributed checkpoint, dcp.save, one folder per step

    https://docs.pytorch.org/tutorials/recipes/distributed_checkpoint_recipe.html. A folder without
    its .metadata, which is written last, is no checkpoint. dcp.load fills tensors that exist
    already; restore() makes them from the metadata.
    """

    # FileSystemWriter(sync_files=True), its default, syncs the files. The folder that names them is
    # not synced (torch 2.11), so after a loss of power they may be gone.
    survives = "process"

    def __init__(self, directory):
        self.directory = directory

    def save(self, state, step):
        dcp.save(state, checkpoint_id=self.path(step))

    def list(self):
        return [step for step in checkpoint_steps.steps(self.directory)
                if (self.path(step) / ".metadata").exists()]

    def retain(self, steps):
        checkpoint_steps.retain(self.directory, steps)

    def restore(self, step=None):
        step = checkpoint_steps.chosen(self.list(), step)
        if step is None:
            return None
        reader = dcp.FileSystemReader(self.path(step))
        stored = reader.read_metadata().state_dict_metadata
        state = {name: torch.empty(entry.size, dtype=entry.properties.dtype)
                 for name, entry in stored.items()}
        dcp.load(state, storage_reader=reader)
        return state, step

    def path(self, step):
        return checkpoint_steps.path_of(self.directory, step)
