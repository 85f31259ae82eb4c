// What a request's body holds: records, each with an id where the sender has given one.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/http/message.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters::http {

struct PostedRecord {
  std::string bytes;
  std::string id;  ///< without the adapter's name; empty: the sender gave none
  Attributes attributes;
};

struct Posted {
  std::vector<PostedRecord> records;
  /// Tells the request from others of the same sender, so that it is known when it comes again;
  /// empty: it cannot be.
  std::string key;
};

/// How bodies are read. For one thread.
class BodyReader {
 public:
  /// `framer` null: a body of bytes is one record. `header_names`: in small letters; these become
  /// attributes.
  BodyReader(std::unique_ptr<framing::Framer> framer, std::vector<std::string> header_names)
      : framer_(std::move(framer)), header_names_(std::move(header_names)) {}

  /// CloudEvents in binary, structured and batch mode, JSON (of an array each element), JSON Lines,
  /// and bytes. An answer: why it is none of them.
  [[nodiscard]] tl::expected<Posted, Answer> read(const Request& request);

 private:
  [[nodiscard]] tl::expected<std::vector<PostedRecord>, Answer> read_records(const Request& request,
                                                                             std::string_view type);
  [[nodiscard]] tl::expected<std::vector<PostedRecord>, Answer> read_bytes(std::string_view body);
  [[nodiscard]] Attributes common_attributes(const Request& request) const;

  const std::unique_ptr<framing::Framer> framer_;
  const std::vector<std::string> header_names_;
};

}  // namespace copybridge::adapters::http
