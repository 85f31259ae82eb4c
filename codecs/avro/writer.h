// A record's JSON, as decode prints it, to Avro's binary encoding.
#pragma once

#include <memory>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "codecs/avro/type.h"

namespace copybridge::avro {

/// Used by one thread at a time.
class Writer {
 public:
  explicit Writer(const Type& type);
  ~Writer();
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;

  /// Appends a value. Members may come in any order; those that are printed in the schema's order
  /// are written in one pass, and nothing is allocated for them but for numbers of more than 38
  /// digits. Their names must be written as decode writes them. kReadableTail bytes must be
  /// readable behind `json`. ErrorKind::bad_record: it is no value of the type, and nothing has
  /// been appended; the message names the member as JSON Pointer (RFC 6901) and holds no contents.
  [[nodiscard]] Result<void> append(std::string_view json, TextBuffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace copybridge::avro
