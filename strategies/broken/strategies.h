// One factory per broken strategy; each .cc names its flaw. broken_list.h is the way in.
#pragma once

#include <memory>

#include "strategies/api/strategy.h"

namespace ckptbench {

std::unique_ptr<Strategy> make_in_place(const StrategyContext& context);
std::unique_ptr<Strategy> make_child_writer(const StrategyContext& context);
std::unique_ptr<Strategy> make_early_rename(const StrategyContext& context);
std::unique_ptr<Strategy> make_live_reference(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_optimizer(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_rng(const StrategyContext& context);
std::unique_ptr<Strategy> make_early_ack(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_verify(const StrategyContext& context);
std::unique_ptr<Strategy> make_retire_early(const StrategyContext& context);
std::unique_ptr<Strategy> make_mutating(const StrategyContext& context);
std::unique_ptr<Strategy> make_leaking(const StrategyContext& context);
std::unique_ptr<Strategy> make_leaking_heap(const StrategyContext& context);
std::unique_ptr<Strategy> make_raising(const StrategyContext& context);
std::unique_ptr<Strategy> make_hanging(const StrategyContext& context);
std::unique_ptr<Strategy> make_restarting(const StrategyContext& context);
std::unique_ptr<Strategy> make_unfilled(const StrategyContext& context);
std::unique_ptr<Strategy> make_omitted_name(const StrategyContext& context);
std::unique_ptr<Strategy> make_unchanged(const StrategyContext& context);
std::unique_ptr<Strategy> make_epoch_start(const StrategyContext& context);
std::unique_ptr<Strategy> make_wrong_step(const StrategyContext& context);
std::unique_ptr<Strategy> make_no_fallback(const StrategyContext& context);
std::unique_ptr<Strategy> make_delete_first(const StrategyContext& context);
std::unique_ptr<Strategy> make_repair_by_deleting(const StrategyContext& context);
std::unique_ptr<Strategy> make_early_wait(const StrategyContext& context);
std::unique_ptr<Strategy> make_early_return(const StrategyContext& context);
std::unique_ptr<Strategy> make_never_acknowledging(const StrategyContext& context);
std::unique_ptr<Strategy> make_writing_at_the_end(const StrategyContext& context);
std::unique_ptr<Strategy> make_last_save_lost(const StrategyContext& context);
std::unique_ptr<Strategy> make_shared_buffer(const StrategyContext& context);
std::unique_ptr<Strategy> make_second_chunk(const StrategyContext& context);
std::unique_ptr<Strategy> make_stale_resume(const StrategyContext& context);

}  // namespace ckptbench
