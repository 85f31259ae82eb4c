// Seeded random copybooks and bytes for property tests.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "bridge/core/bytes.h"

namespace copybridge::test {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>(random_() % std::uint64_t{limit});
  }

  std::string number_clauses() {
    const std::uint32_t whole = 1 + below(14);
    const std::uint32_t decimals = below(4) == 0 ? 0 : below(5);
    std::string picture =
        "PIC " + std::string(below(3) == 0 ? "" : "S") + "9(" + std::to_string(whole) + ")";
    const bool is_signed = picture[4] == 'S';
    if (decimals > 0) picture += "V9(" + std::to_string(decimals) + ")";
    static constexpr std::array<const char*, 6> kUsages = {"",        " COMP-3", " COMP",
                                                           " COMP-5", "",        " BINARY"};
    static constexpr std::array<const char*, 4> kSigns = {
        " SIGN LEADING", " SIGN TRAILING SEPARATE", " SIGN LEADING SEPARATE", ""};
    const std::uint32_t usage = below(7);
    if (usage == 6) return picture.replace(4, is_signed ? 1 : 0, "") + " COMP-6";
    if (usage == 4 && is_signed) return picture + kSigns[below(4)];
    return picture + kUsages[usage];
  }

  std::string clauses() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return "PIC X(" + std::to_string(1 + below(40)) + ")";
      case 3:
        return std::string(below(2) == 0 ? "COMP-1" : "COMP-2");
      case 4:
        return "PIC N(" + std::to_string(1 + below(5)) + ") NATIONAL";
      default:
        return number_clauses();
    }
  }

  // Children at a level; returns the text.
  std::string items(int level, int depth) {
    std::string text;
    const std::uint32_t count = 1 + below(5);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string head = " " + std::to_string(level) + " ";
      const std::string name = below(8) == 0 ? "FILLER" : "F" + std::to_string(next_++);
      const std::uint32_t kind = below(10);
      if (kind < 2 && depth < 4) {
        const std::string occurs =
            below(2) == 0 ? " OCCURS " + std::to_string(1 + below(3)) + " TIMES" : "";
        text += head + name + occurs + "." + items(level + 1, depth + 1);
      } else if (kind == 2) {
        const std::string counter = "C" + std::to_string(next_++);
        text += head + counter + " PIC 9." + head + name + " " + clauses() +
                " OCCURS 0 TO 9 DEPENDING ON " + counter + ".";
      } else if (kind == 3 && name != "FILLER") {
        text += head + name + " PIC X(4)." + head + "F" + std::to_string(next_++) + " REDEFINES " +
                name + " PIC 9(4).";
      } else {
        text += head + name + " " + clauses() + ".";
      }
    }
    return text;
  }

  // Bytes that are often, but not always, what a field wants.
  std::uint8_t byte() {
    switch (below(12)) {
      case 0:
        return static_cast<std::uint8_t>(below(256));
      case 1:
        return 0x40;
      case 2:
        return static_cast<std::uint8_t>((below(10) << 4U) | 0x0CU);
      case 3:
        return static_cast<std::uint8_t>((below(10) << 4U) | below(10));
      default:
        return static_cast<std::uint8_t>(0xF0U | below(10));
    }
  }

 private:
  std::mt19937 random_;
  int next_ = 1;
};

inline ByteBuffer random_record(Generator& generator, std::size_t size, std::uint8_t tail) {
  ByteBuffer record;
  record.resize(size);
  record.reserve(size + 1);
  for (std::size_t i = 0; i < size; ++i) record.data()[i] = generator.byte();
  std::fill_n(record.data() + size, kReadableTail, tail);
  return record;
}

}  // namespace copybridge::test
