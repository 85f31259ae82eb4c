// Copybooks, options and records made from a stream of choices: random numbers in property tests,
// a fuzzer's input in fuzz targets.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "bridge/core/bytes.h"
#include "codecs/encode/encode.h"
#include "codecs/plan/options.h"

namespace copybridge::test {

class Choices {
 public:
  virtual ~Choices() = default;
  /// 0 … limit - 1; limit is at least 1.
  virtual std::uint32_t below(std::uint32_t limit) = 0;
  /// Whether the one case of `cases` is chosen.
  bool once_in(std::uint32_t cases) { return below(cases) == cases - 1; }
};

class RandomChoices final : public Choices {
 public:
  explicit RandomChoices(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t limit) override {
    return static_cast<std::uint32_t>(random_() % std::uint64_t{limit});
  }

 private:
  std::mt19937 random_;
};

/// Takes bytes from the front of an input; behind its end everything is 0.
class InputChoices final : public Choices {
 public:
  explicit InputChoices(ByteView input) : input_(input) {}
  std::uint32_t below(std::uint32_t limit) override;
  [[nodiscard]] ByteView rest() const { return input_; }

 private:
  ByteView input_;
};

/// Which structures a copybook may have.
struct CopybookShape {
  bool has_tables = true;
  bool has_redefines = true;
  bool has_conditions = true;
  std::uint32_t items_max = 6;  ///< of a group
};

/// One record in free format: items of every usage, nested. It has no mistakes.
[[nodiscard]] std::string random_copybook(Choices& choices, const CopybookShape& shape = {});

/// Options that both decoding and encoding can have; `keep_raw` and `instruction_set` are left.
[[nodiscard]] plan::PlanOptions random_plan_options(Choices& choices);

/// A record whose items mostly fit their pictures, its tables as long as their counters say.
[[nodiscard]] ByteBuffer random_record(Choices& choices, const copybook::Layout& layout,
                                       const plan::PlanOptions& options);

}  // namespace copybridge::test
