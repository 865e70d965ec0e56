// Right checksums for hostile content: without them a fuzzer would never get past the digest of a
// manifest. Free functions; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ckptbench {

// The JSON of a manifest, without its last line where that has the form of a digest.
std::string_view manifest_body(std::string_view manifest);
// The body with the digest that fits it.
std::string sealed_manifest(std::string_view body);

// The stored bytes of a chunk; nothing when they are not there.
using FindStored = std::function<std::optional<std::string_view>(
    uint64_t owner_seq, const std::string& file, uint64_t offset, uint64_t bytes)>;

// The body with the digest of every chunk whose bytes can be found and decoded. Unchanged when it
// has not the form of a manifest.
std::string with_chunk_digests(std::string_view body, const FindStored& find);
// The body with this sequence number.
std::string with_seq(std::string_view body, uint64_t seq);

}  // namespace ckptbench
