// The keys of Record::observed that a measured cell (harness/measure) or a trial (harness/run)
// writes and the report reads (results). Both use these constants, so that neither can misspell a
// key and lose what it says. docs/metrics.md says what those of a measured cell hold,
// docs/protocol.md those of a trial. Plain constants; any thread.
#pragma once

namespace ckptbench::observed {

inline constexpr const char* kPairs = "pairs";
inline constexpr const char* kStoppedBy = "stopped_by";
inline constexpr const char* kForeignCpuPct = "foreign_cpu_pct";
inline constexpr const char* kStolenCpuPct = "stolen_cpu_pct";
inline constexpr const char* kProbeShape = "probe_shape";
inline constexpr const char* kProbeSequence = "probe_sequence";
inline constexpr const char* kProbeSequenceSeen = "probe_sequence_seen";
inline constexpr const char* kSavesPerWindow = "saves_per_window";
inline constexpr const char* kBusySteps = "busy_steps";
inline constexpr const char* kShortWindows = "short_windows";
inline constexpr const char* kRequestedSaves = "requested_saves";
inline constexpr const char* kFailedSaves = "failed_saves";
inline constexpr const char* kFirstFailure = "first_failure";
inline constexpr const char* kRetentionError = "retention_error";
inline constexpr const char* kSurvives = "survives";
inline constexpr const char* kMemoryMethod = "memory_method";
inline constexpr const char* kSavedTensors = "saved_tensors";
inline constexpr const char* kWarmUpSteps = "warm_up_steps";
inline constexpr const char* kWarmUpSteady = "warm_up_steady";

// Every measured cell whose strategy was opened has these.
inline constexpr const char* kOfMeasuredCell[] = {
    kPairs,          kStoppedBy,    kForeignCpuPct,  kStolenCpuPct,  kProbeShape,
    kSavesPerWindow, kShortWindows, kRequestedSaves, kFailedSaves,   kFirstFailure,
    kRetentionError, kSurvives,     kMemoryMethod,   kProbeSequence, kProbeSequenceSeen,
    kBusySteps,      kSavedTensors, kWarmUpSteps,    kWarmUpSteady};

// Of its restores, where there is something to say.
inline constexpr const char* kReadProbeShape = "read_probe_shape";
inline constexpr const char* kWarmRestoreMissing = "warm_restore_missing";

// Of trials. A point of a sweep, with the number of points; the listed failures that a trial met.
inline constexpr const char* kSweep = "sweep";
inline constexpr const char* kKnownFailures = "known_failures";

// Texts under kStoppedBy and kMemoryMethod that the report marks.
inline constexpr const char* kByBudget = "budget";
inline constexpr const char* kByDeadline = "deadline";
inline constexpr const char* kSampledMemory = "sampled PSS of the process tree";

}  // namespace ckptbench::observed
