import checkpoint_steps
import torch


class TorchSave:
    """Python's torch.save, one file per step, as PyTorch's tutorial does

    https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html: one dictionary of
    everything that resuming needs, saved to a .tar file, loaded with weights_only=True.
    """

    survives = "process"

    def __init__(self, directory):
        self.directory = directory

    def save(self, state, step):
        torch.save({"step": step, "state": state}, self.path(step))

    def list(self):
        return checkpoint_steps.steps(self.directory, ".tar")

    def retain(self, steps):
        checkpoint_steps.retain(self.directory, steps, ".tar")

    def restore(self, step=None):
        step = checkpoint_steps.chosen(self.list(), step)
        if step is None:
            return None
        checkpoint = torch.load(self.path(step), weights_only=True)
        return checkpoint["state"], checkpoint["step"]

    def path(self, step):
        return checkpoint_steps.path_of(self.directory, step, ".tar")
