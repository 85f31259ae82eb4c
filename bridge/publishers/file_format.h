// What publishers of files write: JSON Lines, or records framed as the legacy side reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/publisher.h"
#include "codecs/framing/framing.h"

namespace copybridge::publishers {

/// Where contents are made, used again for each request.
struct FileContents {
  std::string text;
  ByteBuffer framed;  ///< of records, in place of text
};

struct FileFormat {
  LineFormat lines = LineFormat::body;
  std::optional<framing::FramingOptions> framing;  ///< of records; none: lines

  /// The bytes of a request's events. One that cannot be written is permanent in the response and
  /// not among them. Blocks end with a request, so that what counts as delivered is all in the
  /// file.
  /// Valid as long as `contents` is left alone.
  [[nodiscard]] std::string_view contents_of(const Request& request, Response& response,
                                             FileContents& contents) const;
};

inline constexpr OptionSpec kFileFormatOption{
    .name = "format",
    .type = OptionType::choice,
    .default_value = "body",
    .help =
        "What a file holds: body = a line with each event's JSON body, cloudevents = a line "
        "with the whole event as structured CloudEvents JSON, records = each event's body as "
        "a record, framed as recfm and its options say (for a route with encode: yes).",
    .choices = "body|cloudevents|records"};

/// Reads kFileFormatOption and framing. Mistakes go to `diagnostics`.
[[nodiscard]] FileFormat read_file_format(const Options& options, Diagnostics& diagnostics);

}  // namespace copybridge::publishers
