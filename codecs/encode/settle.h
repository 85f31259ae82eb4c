// What can only be decided when all members of an occurrence, or of the record, are known:
// counters, alternatives, conditions.
#pragma once

#include "codecs/encode/frame.h"

namespace copybridge::encode {

/// Notes why the record is refused, with the path to where the walk stands; returns false.
bool refuse(Frame& frame, Fault fault, const Member* member, Token token = {},
            const Field* field = nullptr);

/// Forgets what is known of counters and alternatives of a block.
void begin_block(const Block& block, Frame& frame);
/// Sets counters and chooses alternatives. False where they contradict each other.
[[nodiscard]] bool settle_block(const Block& block, Frame& frame);
[[nodiscard]] bool settle_choice(std::uint32_t choice, Frame& frame);

/// Makes an alternative's bytes ready to be written to.
void start_arm(std::uint32_t arm, Frame& frame);
/// Notes that an alternative, and those around it, are no longer as in _raw.
void note_change(std::uint32_t arm, Frame& frame);

/// A field's bytes as decoding prints them; empty where they do not fit. The text lies in `text`.
[[nodiscard]] std::string_view decoded(const Field& field, const std::uint8_t* bytes,
                                       std::vector<char>& text, Frame& frame);

/// Where an alternative's bytes are in the record in _raw, whatever has been written since. Within
/// an alternative whose tables vary they stand in its layer alone.
[[nodiscard]] const std::uint8_t* raw_bytes(const Arm& arm, const Frame& frame);

/// Checks what had to wait for the whole record: level-88 members, conditions of alternatives.
[[nodiscard]] bool check_conditions(Frame& frame);
[[nodiscard]] bool check_renames(Frame& frame);
[[nodiscard]] bool check_choices(ByteView record, Frame& frame);
/// The alternative that the conditions choose; kNone where none holds.
[[nodiscard]] std::uint32_t chosen_arm(std::uint32_t choice, ByteView record, const Place& place,
                                       const Frame& frame);

/// Moves a record's pieces together behind `out`; returns their end.
std::uint8_t* gather(const Move& move, std::uint8_t* out, Frame& frame);
std::uint8_t* gather(const Moves& moves, std::uint8_t* out, Frame& frame);
/// The way back: puts bytes at their fixed addresses. What `begin` has too little stays as it is.
/// False where a counter is out of its table's range.
[[nodiscard]] bool scatter(const Moves& moves, const std::uint8_t*& begin, const std::uint8_t* end,
                           Frame& frame);
/// Occurrences of a DEPENDING ON table by its counter's bytes; -1 where they are none.
[[nodiscard]] std::int64_t count_of(const Table& table, const Frame& frame);

/// Reads one JSON object into the image; simdjson stays behind this.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// The record in `_raw`; false with a failure noted where it is missing or no hexadecimal.
  [[nodiscard]] bool read_raw(std::string_view json, ByteBuffer& raw, Frame& frame);
  [[nodiscard]] bool read_record(std::string_view json, Frame& frame);
  /// Reads the value of one member, at the frame's place.
  [[nodiscard]] bool read_put_off(Token text, const Member& member, Frame& frame);

 private:
  struct Parsers;
  std::unique_ptr<Parsers> parsers_;
};

}  // namespace copybridge::encode
