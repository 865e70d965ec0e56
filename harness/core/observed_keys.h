// The keys of Record::observed that a measured cell writes (harness/measure) and the report reads
// (results). Both use these constants, so that neither can misspell a key and lose what it says.
// docs/metrics.md says what they hold. Plain constants; any thread.
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

// Every measured cell whose strategy was opened has these.
inline constexpr const char* kOfMeasuredCell[] = {
    kPairs,          kStoppedBy,    kForeignCpuPct,  kStolenCpuPct,  kProbeShape,
    kSavesPerWindow, kShortWindows, kRequestedSaves, kFailedSaves,   kFirstFailure,
    kRetentionError, kSurvives,     kMemoryMethod,   kProbeSequence, kProbeSequenceSeen,
    kBusySteps,      kSavedTensors};

// Of its restores, where there is something to say.
inline constexpr const char* kReadProbeShape = "read_probe_shape";
inline constexpr const char* kWarmRestoreMissing = "warm_restore_missing";

// Texts under kStoppedBy and kMemoryMethod that the report marks.
inline constexpr const char* kByBudget = "budget";
inline constexpr const char* kByDeadline = "deadline";
inline constexpr const char* kSampledMemory = "sampled PSS of the process tree";

}  // namespace ckptbench::observed
