#include "results/markup.h"
#include "results/metrics.h"
#include "results/page/page.h"

namespace ckptbench {

namespace {

// "<b>block</b> (inside save), … and <b>interference</b> (…)"
std::string stall_parts_html() {
  const std::vector<const Metric*> parts = stall_parts();
  std::string out;
  for (const Metric* metric : parts) {
    if (metric != parts.front()) out += metric == parts.back() ? " and " : ", ";
    out += element("b", metric->name()) + " (" + escape(metric->part.words) + ")";
  }
  return out;
}

std::string stall_guide_html() {
  return R"html(<p><b>Stall</b> is what a save takes from training: wall time of a window of steps with saves
minus that of paired steps without, per save. Its parts, which add up in each pair (their medians need
not): )html" +
         stall_parts_html() +
         R"html(. <b>Floor</b> is the interference of the same bytes written plainly.
<code>ckptbench explain</code> shows a row's parts with their evidence. Figures are medians; intervals
are order statistics with at least 95 % confidence, and fewer than six samples have none. Letters beside
a row say what its figures hide; their meaning stands beneath the table. Raw samples are in
<code>results.jsonl</code>. GB = 10<sup>9</sup> bytes.</p>
)html";
}

}  // namespace

std::string reading_guide_html() {
  return "<div>\n<h2>How to read this</h2>\n" + stall_guide_html() +
         R"html(<p><b>Persist</b> runs from the request to the commit record. <b>Effective</b> GB/s counts the bytes of
the state, whatever was written, and leaves out of persist the wait for the save before. <b>% limit w/r</b>
compares that time (w) with plain new files of the same size
and durability, probed between the saves of the same run in the fastest shape found at its start, and a
cold <code>restore()</code> (r) with plain cold reads of the same bytes; <b>% overwrite limit</b> with
such files written over in place. <b>restore()</b> runs from its call to its return; <b>start</b> from
the start of a process to the end of its first step from a state that was verified, verification not
counted. c/w: cold means that the checkpoint's pages were evicted from this machine's memory, and that
this was checked; warm that they were in memory. <b>skip/fail</b>: saves that were skipped, that
failed.</p>
)html" + verdict_guide_html() +
         "</div>\n";
}

std::string_view limits_html() {
  return R"html(<div>
<h2>What this does not measure</h2>
<ul>
<li><b>Power loss.</b> Killing a process keeps the page cache, so no trial here can find a missing
<code>fsync</code>. What a strategy claims to survive beyond a killed process is a claim. Compare costs
between equal claims only.</li>
<li><b>Damage at rest.</b> No trial flips a bit or cuts a file: a strategy without checksums passes.</li>
<li><b>A request to stop.</b> No trial sends SIGTERM.</li>
<li><b>The host's disk.</b> In a virtual machine, <code>fsync</code> ends at the guest's edge, and cold
means cold in the guest.</li>
<li><b>More than one rank.</b> Trials and figures are of one process, on one machine, without object stores.</li>
<li><b>Disks that fill up or return errors.</b> Saves and restores meet a disk that works.</li>
<li><b>Your disk under your load.</b> The limit is probed on this machine, at this time, alone.</li>
<li><b>A proof.</b> A sampled trial shows what happened at the moments that were tried; the exhaustive
sweep covers every file operation of one run and workload, not every interleaving of threads.</li>
</ul>
</div>
)html";
}

}  // namespace ckptbench
