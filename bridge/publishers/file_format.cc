// Events as lines or framed records.
#include "bridge/publishers/file_format.h"

#include "codecs/framing/options.h"
#include "codecs/framing/writer.h"

namespace copybridge::publishers {
namespace {

/// None for lines.
std::optional<framing::FramingOptions> read_records(const Options& options,
                                                    Diagnostics& diagnostics) {
  if (options.text("format") != "records") {
    for (const OptionSpec& option : framing::framing_options()) {
      if (!options.is_given(option.name)) continue;
      diagnostics.error(options.where(option.name),
                        "'" + std::string(option.name) + "' is for 'format: records'");
    }
    return std::nullopt;
  }
  for (const std::string_view reading : {"length_field", "length_map", "header_records",
                                         "trailer_records", "wrap_lines", "short_last"}) {
    if (!options.is_given(reading)) continue;
    diagnostics.error(options.where(reading),
                      "'" + std::string(reading) + "' says how records are read, not written");
  }
  framing::FramingOptions framing =
      framing::read_framing(options, framing::LineEnds::ebcdic, diagnostics);
  const auto writer = framing::make_writer(framing);
  if (!writer) diagnostics.error(options.where("recfm"), writer.error().message);
  if (framing.recfm == framing::Recfm::micro_focus) {
    diagnostics.error(options.where("recfm"),
                      "a file of micro-focus has a header of its own, and files are appended to");
  }
  return framing;
}

}  // namespace

FileFormat read_file_format(const Options& options, Diagnostics& diagnostics) {
  return {line_format_of(options), read_records(options, diagnostics)};
}

std::string_view FileFormat::contents_of(const Request& request, Response& response,
                                         FileContents& contents) const {
  if (!framing) {
    contents.text.clear();
    for (const Event* event : request.events) append_line(contents.text, *event, lines);
    return contents.text;
  }
  const auto writer = framing::make_writer(*framing);
  ByteBuffer& framed = contents.framed;
  framed.clear();
  response.outcomes.clear();
  for (const Event* event : request.events) {
    const ByteView record(reinterpret_cast<const std::uint8_t*>(event->body.data()),
                          event->body.size());
    const Result<void> written = (*writer)->write(record, framed);
    response.outcomes.push_back(written ? Outcome::accepted : Outcome::permanent);
    if (!written && response.reason.empty()) response.reason = written.error().message;
  }
  static_cast<void>((*writer)->finish(framed));
  return {reinterpret_cast<const char*>(framed.data()), framed.size()};
}

}  // namespace copybridge::publishers
