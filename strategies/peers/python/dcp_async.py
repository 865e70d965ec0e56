import checkpoint_steps
import dcp as dcp_sync
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.state_dict_saver import AsyncCheckpointerType


class DcpAsync(dcp_sync.Dcp):
    """PyTorch's distributed checkpoint in the background, dcp.async_save, one folder per step

    https://docs.pytorch.org/tutorials/recipes/distributed_async_checkpoint_recipe.html: the state
    is copied before async_save returns; the save before is awaited first, so that at most one is
    in flight. executor is "thread" or "process"; the latter needs a process group.
    """

    survives = "process"
    background = True

    def __init__(self, directory, executor="thread"):
        super().__init__(directory)
        self.type = AsyncCheckpointerType(executor)
        self.future = None
        self.newest = None  # the step of the last save
        self.landed = None  # the step of the last save that was awaited
        if self.type == AsyncCheckpointerType.PROCESS and not dist.is_initialized():
            dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)

    def save(self, state, step):
        self.wait()
        self.newest = step
        self.future = dcp.async_save(state, checkpoint_id=self.path(step),
                                     async_checkpointer_type=self.type)

    def done(self):
        return self.future is None or self.future.done()

    def durable(self):
        if self.future is not None and self.future.done():
            self.wait()
        return self.landed

    def wait(self):
        if self.future is None:
            return
        future, self.future = self.future, None
        future.result()
        self.landed = self.newest

    def retain(self, steps):
        # The newest may have landed since `steps` were chosen: it stays until the next request.
        newest = [] if self.newest is None else [self.newest]
        checkpoint_steps.retain(self.directory, steps + newest)
