#include "workloads/shape_lists.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "workloads/state_arena.h"

namespace ckptbench {
namespace {

constexpr Llama3Config kLlama8b{32, 4096, 14336, 32, 8, 128256};
constexpr Llama3Config kLlama70b{80, 8192, 28672, 64, 8, 128256};
constexpr Llama3Config kLlama405b{126, 16384, 53248, 128, 8, 128256};

std::vector<int64_t> scaled(const std::vector<int64_t>& shape, double factor) {
  const auto elements = static_cast<double>(element_count(shape)) * factor;
  const auto whole = [](double value) {
    return std::max<int64_t>(1, static_cast<int64_t>(std::llround(value)));
  };
  if (shape.size() != 2) return {whole(elements)};
  const int64_t rows = whole(static_cast<double>(shape[0]) * std::sqrt(factor));
  return {rows, whole(elements / static_cast<double>(rows))};
}

std::vector<NamedShape> scaled_all(const std::vector<NamedShape>& shapes, double factor) {
  std::vector<NamedShape> result = shapes;
  for (NamedShape& tensor : result) tensor.shape = scaled(tensor.shape, factor);
  return result;
}

}  // namespace

std::vector<NamedShape> gpt2_shapes(const Gpt2Config& config) {
  const int64_t width = config.embedding;
  std::vector<NamedShape> shapes{{"wte.weight", {config.vocabulary, width}, 0},
                                 {"wpe.weight", {config.context, width}, 0}};
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string h = "h." + std::to_string(layer) + ".";
    const auto bucket = static_cast<size_t>(layer) + 1;
    shapes.insert(shapes.end(), {{h + "ln_1.weight", {width}, bucket},
                                 {h + "ln_1.bias", {width}, bucket},
                                 {h + "attn.c_attn.weight", {width, 3 * width}, bucket},
                                 {h + "attn.c_attn.bias", {3 * width}, bucket},
                                 {h + "attn.c_proj.weight", {width, width}, bucket},
                                 {h + "attn.c_proj.bias", {width}, bucket},
                                 {h + "ln_2.weight", {width}, bucket},
                                 {h + "ln_2.bias", {width}, bucket},
                                 {h + "mlp.c_fc.weight", {width, 4 * width}, bucket},
                                 {h + "mlp.c_fc.bias", {4 * width}, bucket},
                                 {h + "mlp.c_proj.weight", {4 * width, width}, bucket},
                                 {h + "mlp.c_proj.bias", {width}, bucket}});
  }
  const auto last = static_cast<size_t>(config.layers) + 1;
  shapes.push_back({"ln_f.weight", {width}, last});
  shapes.push_back({"ln_f.bias", {width}, last});
  return shapes;
}

std::vector<NamedShape> llama3_shapes(const Llama3Config& config) {
  const int64_t hidden = config.hidden;
  const int64_t keys = hidden / config.heads * config.kv_heads;
  const int64_t wide = config.intermediate;
  std::vector<NamedShape> shapes{{"model.embed_tokens.weight", {config.vocabulary, hidden}, 0}};
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string name = "model.layers." + std::to_string(layer) + ".";
    const auto bucket = static_cast<size_t>(layer) + 1;
    shapes.insert(shapes.end(), {{name + "self_attn.q_proj.weight", {hidden, hidden}, bucket},
                                 {name + "self_attn.k_proj.weight", {keys, hidden}, bucket},
                                 {name + "self_attn.v_proj.weight", {keys, hidden}, bucket},
                                 {name + "self_attn.o_proj.weight", {hidden, hidden}, bucket},
                                 {name + "mlp.gate_proj.weight", {wide, hidden}, bucket},
                                 {name + "mlp.up_proj.weight", {wide, hidden}, bucket},
                                 {name + "mlp.down_proj.weight", {hidden, wide}, bucket},
                                 {name + "input_layernorm.weight", {hidden}, bucket},
                                 {name + "post_attention_layernorm.weight", {hidden}, bucket}});
  }
  const auto last = static_cast<size_t>(config.layers) + 1;
  shapes.push_back({"model.norm.weight", {hidden}, last});
  shapes.push_back({"lm_head.weight", {config.vocabulary, hidden}, last});
  return shapes;
}

const std::vector<std::string>& published_models() {
  static const std::vector<std::string> kModels{"gpt2-124m", "llama3-8b", "llama3-70b",
                                                "llama3-405b"};
  return kModels;
}

const std::string& smallest_model(uint64_t elements) {
  for (const std::string& model : published_models()) {
    if (element_total(published_shapes(model)) >= elements) return model;
  }
  return published_models().back();
}

std::vector<NamedShape> published_shapes(const std::string& model) {
  if (model == "gpt2-124m") return gpt2_shapes({});
  if (model == "llama3-8b") return llama3_shapes(kLlama8b);
  if (model == "llama3-70b") return llama3_shapes(kLlama70b);
  if (model == "llama3-405b") return llama3_shapes(kLlama405b);
  throw std::invalid_argument("published_shapes: no model named '" + model + "'");
}

uint64_t element_total(const std::vector<NamedShape>& shapes) {
  uint64_t total = 0;
  for (const NamedShape& tensor : shapes) total += element_count(tensor.shape);
  return total;
}

Result<std::vector<NamedShape>> scale_shapes(const std::vector<NamedShape>& shapes,
                                             uint64_t elements) {
  const uint64_t real = element_total(shapes);
  if (elements > real || elements < shapes.size()) {
    return Error{std::to_string(elements) + " parameters wanted, expected between " +
                 std::to_string(shapes.size()) + " (one per tensor) and the real " +
                 std::to_string(real)};
  }
  if (elements == real) return shapes;
  // The total grows with the factor but for rounding; bisection ends at a factor that fits.
  constexpr int kHalvings = 60;
  double low = 0;
  double high = 1;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (element_total(scaled_all(shapes, middle)) <= elements ? low : high) = middle;
  }
  return scaled_all(shapes, low);
}

}  // namespace ckptbench
