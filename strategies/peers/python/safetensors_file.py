import checkpoint_steps
import safetensors
import safetensors.torch


class Safetensors:
    """safetensors.torch.save_file, one file per step

    https://huggingface.co/docs/safetensors/api/torch. Of tensors that share memory only the first
    is saved, since save_file refuses them:
    https://huggingface.co/docs/safetensors/torch_shared_tensors.
    """

    survives = "process"

    def __init__(self, directory):
        self.directory = directory

    def save(self, state, step):
        own = {}
        seen = set()
        for name, tensor in state.items():
            if tensor.numel() == 0 or tensor.data_ptr() not in seen:
                own[name] = tensor
            seen.add(tensor.data_ptr())
        safetensors.torch.save_file(own, self.path(step), metadata={"step": str(step)})

    def list(self):
        return checkpoint_steps.steps(self.directory, ".safetensors")

    def retain(self, steps):
        checkpoint_steps.retain(self.directory, steps, ".safetensors")

    def restore(self, step=None):
        step = checkpoint_steps.chosen(self.list(), step)
        if step is None:
            return None
        with safetensors.safe_open(self.path(step), framework="pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}
            return state, int(file.metadata()["step"])

    def path(self, step):
        return checkpoint_steps.path_of(self.directory, step, ".safetensors")
