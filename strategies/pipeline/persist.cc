#include "strategies/pipeline/persist.h"

#include <new>
#include <utility>

#include "harness/platform/comm.h"

namespace ckptbench {
namespace {

// A save that fails or throws leaves no files, and what it referred to may be deleted again.
class AbandonAtEnd {
 public:
  AbandonAtEnd(Directory& directory, Directory::Begun& begun)
      : directory_(directory), begun_(begun) {}
  ~AbandonAtEnd() { directory_.abandon(begun_); }
  AbandonAtEnd(const AbandonAtEnd&) = delete;
  AbandonAtEnd& operator=(const AbandonAtEnd&) = delete;

 private:
  Directory& directory_;
  Directory::Begun& begun_;
};

}  // namespace

Persister::Persister(const StrategyContext& context, Directory& directory, Retirement& retirement,
                     CheckpointWriter& writer, Survives survives)
    : observer_(context.observer),
      trace_(context.trace),
      run_id_(context.run_id),
      rank_(context.comm.rank()),
      world_size_(context.comm.size()),
      directory_(directory),
      retirement_(retirement),
      writer_(writer),
      survives_(survives) {}

Manifest Persister::describe(const PersistJob& job, uint64_t seq) const {
  Manifest manifest;
  manifest.run = run_id_;
  manifest.seq = seq;
  manifest.step = job.request.step;
  manifest.world_size = world_size_;
  manifest.contents = job.request.contents;
  manifest.metric = job.request.metric;
  for (const TensorView& tensor : job.captured.tensors) {
    manifest.tensors.push_back({.name = tensor.name,
                                .role = tensor.role,
                                .dtype = tensor.dtype,
                                .shape = tensor.shape,
                                .rank = rank_,
                                .pieces = tensor.pieces,
                                .alias_of = tensor.alias_of,
                                .bytes = tensor.bytes,
                                .chunks = {}});
  }
  return manifest;
}

Status Persister::write(const PersistJob& job, Directory::Begun& begun, Progress& progress) {
  Manifest manifest = describe(job, begun.seq);
  Status status = writer_.write(job.captured, *job.layout, *begun.set, manifest);
  if (!status) return status;
  if (job.tell_captured && !std::exchange(progress.reported_captured, true)) {
    observer_.captured(job.request.step);
  }
  status = check_manifest(manifest);
  if (!status) return status;
  {
    const PhaseScope sync(trace_, Phase::kSync);
    status = begun.set->sync();
  }
  if (!status) return status;
  const PhaseScope publish(trace_, Phase::kPublish);
  return directory_.commit(begun, manifest);
}

SaveOutcome Persister::fail(const PersistJob& job, const Error& error) {
  observer_.failed(job.request.step, error.message);
  return Failed{error.message};
}

Result<uint64_t> Persister::published(const PersistJob& job, Progress& progress) {
  try {
    Result<Directory::Begun> begun = directory_.begin(writer_.expected_bytes(*job.layout));
    if (!begun) return begun.error();
    const AbandonAtEnd guard(directory_, begun.value());
    const Status status = write(job, begun.value(), progress);
    progress.lacked_room = !status && begun.value().set->lacked_room();
    if (!status) return status.error();
    return begun.value().seq;
  } catch (const std::bad_alloc&) {
    return Error{kNoMemoryToSave};
  }
}

SaveOutcome Persister::persist(const PersistJob& job) {
  Progress progress;
  const uint64_t drops = directory_.drops();
  Result<uint64_t> seq = published(job, progress);
  if (progress.lacked_room) {
    retirement_.wait_until_idle();
    if (directory_.drops() != drops) seq = published(job, progress);
  }
  if (!seq) return fail(job, seq.error());
  observer_.durable(job.request.step, seq.value(), survives_);
  return Durable{survives_};
}

}  // namespace ckptbench
