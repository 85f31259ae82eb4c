// The compiled form of a condition: tests that say where to go on when they hold and when not.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codecs/condition/locate.h"
#include "codecs/condition/value_test.h"

namespace copybridge::condition {

inline constexpr std::int32_t kYes = -1;
inline constexpr std::int32_t kNo = -2;

/// Bits of the order of two values, for relations: `>=` accepts kGreater and kEqual.
inline constexpr std::uint8_t kLess = 1;
inline constexpr std::uint8_t kEqual = 2;
inline constexpr std::uint8_t kGreater = 4;

struct Operand {
  Locator locator;
  Field field;
};

struct Test {
  enum class Kind : std::uint8_t {
    value,    ///< left against a literal
    fields,   ///< left against right
    names,    ///< a level-88 name
    numeric,  ///< class tests
    alphabetic,
    alphabetic_lower,
    alphabetic_upper
  };
  Kind kind = Kind::value;
  std::uint8_t accepts = kEqual;  ///< of relations and sign tests
  Operand left;
  Operand right;
  Comparand comparand;
  ValueTest values;
  std::int32_t if_yes = kYes;  ///< the next test, kYes or kNo
  std::int32_t if_no = kNo;
};

struct Condition::Program {
  std::shared_ptr<const copybook::Layout> layout;
  std::vector<Test> tests;
  std::int32_t first = kYes;
};

/// Parses and compiles; false where `diagnostics` got errors.
[[nodiscard]] bool compile_program(std::string_view text, const Where& where,
                                   const Reading& reading, copybook::ItemIndex scope,
                                   Condition::Program& program, Diagnostics& diagnostics);

}  // namespace copybridge::condition
