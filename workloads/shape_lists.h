// The tensors of published language models, generated from their configurations: names and shapes
// as in the files their authors publish (Hugging Face layout). Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

struct NamedShape {
  std::string name;
  std::vector<int64_t> shape;  // elements
  size_t bucket = 0;           // embedding, then one per layer, then what follows the last layer
};

// GPT-2 (Radford et al., 2019; config.json of "openai-community/gpt2"); the output layer is tied to
// wte.weight. Linear weights lie as [inputs, outputs].
struct Gpt2Config {
  int64_t layers = 12, embedding = 768, context = 1024, vocabulary = 50257;
};
std::vector<NamedShape> gpt2_shapes(const Gpt2Config& config);

// Llama 3 (Dubey et al., "The Llama 3 Herd of Models", 2024, table 3; config.json of
// "meta-llama/Meta-Llama-3-8B" and so on); input and output embeddings are apart.
struct Llama3Config {
  int64_t layers, hidden, intermediate, heads, kv_heads, vocabulary;
};
std::vector<NamedShape> llama3_shapes(const Llama3Config& config);

// The models that published_shapes knows: "gpt2-124m", "llama3-8b", "llama3-70b", "llama3-405b",
// the smallest first.
const std::vector<std::string>& published_models();
// REQUIRES: one of published_models().
std::vector<NamedShape> published_shapes(const std::string& model);

// The first of published_models() with at least so many elements; none has: the last.
const std::string& smallest_model(uint64_t elements);

uint64_t element_total(const std::vector<NamedShape>& shapes);

// The same tensors made smaller, each by the same factor, so that together they have as many
// elements as possible within `elements`: of a matrix both dimensions shrink by about the square
// root of the factor, of a vector its length by the factor; every tensor keeps at least one
// element. Shares of the total are kept up to that rounding. Errors: `elements` above the real
// total, or below one per tensor.
Result<std::vector<NamedShape>> scale_shapes(const std::vector<NamedShape>& shapes,
                                             uint64_t elements);

}  // namespace ckptbench
