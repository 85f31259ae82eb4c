// JSON Lines one by one, for encoders that make a record of each.
#pragma once

#include <string_view>
#include <vector>

#include "bridge/core/bytes.h"
#include "codecs/encode/encode.h"

namespace copybridge::encode {

/// As Encoder::encode_lines(): `encode_one` appends one line's record to `out`, or says false.
template <typename EncodeOne>
LinesDone encode_each_line(std::string_view text, bool is_end, std::size_t most, ByteBuffer& out,
                           std::vector<LineRecord>& records, const EncodeOne& encode_one) {
  LinesDone done;
  while (done.consumed < text.size() && out.size() < most && !done.is_refused) {
    std::string_view line = text.substr(done.consumed);
    const std::size_t line_end = line.find('\n');
    if (line_end == std::string_view::npos && !is_end) break;
    line = line.substr(0, line_end);
    done.consumed += line.size() + (line_end == std::string_view::npos ? 0 : 1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      const std::size_t start = out.size();
      done.is_refused = !encode_one(line, out);
      if (!done.is_refused) records.push_back({done.lines, start, out.size() - start});
    }
    ++done.lines;
  }
  return done;
}

}  // namespace copybridge::encode
