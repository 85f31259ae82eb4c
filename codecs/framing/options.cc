// The option table of framing.
#include "codecs/framing/options.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/core/option_rules.h"

namespace copybridge::framing {
namespace {

constexpr std::int64_t kAdjustMax = 32760;
constexpr std::int64_t kCutOffMax = 32760;
constexpr std::int64_t kPlacedRecordsMax = 1000;

constexpr std::array kOptions = {
    OptionSpec{.name = "recfm",
               .type = OptionType::choice,
               .default_value = "F",
               .help = "Record format: where one record ends and the next begins.",
               .choices = "F|FB|V|VB|VS|VBS|line|length-prefixed|zosmf|ims-llzz|ftp-block|"
                          "gnucobol|micro-focus|copybook"},
    OptionSpec{.name = "lrecl",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Record length in bytes: of every record with F, FB; the largest RDW with "
                       "V, VB (0: 32,760); the largest record with the others.",
               .max = 16 << 20},
    OptionSpec{.name = "bdw",
               .type = OptionType::choice,
               .default_value = "auto",
               .help = "Whether V, VB, VS and VBS have block descriptor words; auto looks at the "
                       "first bytes. FB has them with yes only.",
               .choices = "auto|yes|no"},
    OptionSpec{.name = "rdw_endian",
               .type = OptionType::choice,
               .default_value = "big",
               .help = "Byte order of record descriptor words, and of the lengths of "
                       "length-prefixed and ims-llzz.",
               .choices = "big|little"},
    OptionSpec{.name = "rdw_includes_itself",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "Whether a record descriptor word counts its own four bytes."},
    OptionSpec{.name = "rdw_adjust",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes added to the length in every record descriptor word, prefix or "
                       "length field.",
               .min = -kAdjustMax,
               .max = kAdjustMax},
    OptionSpec{.name = "bdw_endian",
               .type = OptionType::choice,
               .default_value = "big",
               .help = "Byte order of block descriptor words.",
               .choices = "big|little"},
    OptionSpec{.name = "bdw_includes_itself",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "Whether a block descriptor word counts its own four bytes."},
    OptionSpec{.name = "bdw_adjust",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes added to the length in every block descriptor word.",
               .min = -kAdjustMax,
               .max = kAdjustMax},
    OptionSpec{.name = "block_size",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes of a block at most, its BDW counted (BLKSIZE): more than that is "
                       "broken framing (0: any number); written blocks have so many (0: 27,998).",
               .max = kBlockBytesMost},
    OptionSpec{.name = "keep_prefix",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether a record of V, VB, length-prefixed, zosmf or ims-llzz begins with "
                       "its RDW or length, where the copybook describes it (LL, ZZ)."},
    OptionSpec{.name = "line_end",
               .type = OptionType::choice,
               .default_value = "auto",
               .help = "What ends a line with recfm line: nel (X'15'), ebcdic-lf (X'25'), lf "
                       "(X'0A'), crlf (X'0D0A'); auto: nel and ebcdic-lf, or lf where the code "
                       "page is known to be ASCII. A X'0D' before X'0A' is no data.",
               .choices = "auto|nel|ebcdic-lf|lf|crlf"},
    OptionSpec{.name = "line_end_hex",
               .type = OptionType::text,
               .help = "Or one byte of one's own in hexadecimal, such as 1E."},
    OptionSpec{.name = "wrap_lines",
               .type = OptionType::boolean,
               .default_value = "no",
               .help =
                   "Whether a line longer than lrecl goes on as the next record, as under FTP's "
                   "WRAPRECORD; otherwise it is broken framing."},
    OptionSpec{.name = "length_bytes",
               .type = OptionType::integer,
               .default_value = "4",
               .help = "Size in bytes of the length before each record with length-prefixed: 1, 2 "
                       "or 4. It does not count itself.",
               .min = 1,
               .max = 4},
    OptionSpec{.name = "varseq_format",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Form of GnuCOBOL's variable sequential files, as its COB_VARSEQ_FORMAT: 0 "
                       "two bytes and two zeros, 1 four bytes, 2 four bytes little-endian, 3 two "
                       "bytes.",
               .max = 3},
    OptionSpec{.name = "length_field",
               .type = OptionType::text,
               .help = "Item that holds the record's length, all of it counted, or an expression: "
                       "LEN-FIELD + 4."},
    OptionSpec{.name = "length_map",
               .type = OptionType::text_map,
               .help = "What the values of length_field stand for, {A: 100, B: 240}; the value * "
                       "is every other one."},
    OptionSpec{.name = "record_prefix_bytes",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes at the front of every record, behind its RDW or length, that the "
                       "copybook does not have (a dump's or an unload's prefix) and that are cut "
                       "off; lrecl counts them.",
               .max = kCutOffMax},
    OptionSpec{.name = "record_suffix_bytes",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes cut off the end of every record likewise.",
               .max = kCutOffMax},
    OptionSpec{.name = "short_last",
               .type = OptionType::boolean,
               .default_value = "no",
               .help = "Whether the last record of F may be shorter than lrecl; the mapping's "
                       "short_records says what becomes of it, and accept or pad there allow it, "
                       "too."},
    OptionSpec{.name = "header_records",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Records at the start that are headers: for mappings with place: header "
                       "and no others; a route without one filters them.",
               .max = kPlacedRecordsMax},
    OptionSpec{.name = "trailer_records",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Records at the end that are trailers, likewise for place: trailer.",
               .max = kPlacedRecordsMax},
    OptionSpec{.name = "skip_header_bytes",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes before the first record that are no record."},
    OptionSpec{.name = "skip_trailer_bytes",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Bytes after the last record that are no record.",
               .max = 16 << 20},
    OptionSpec{.name = "record_bytes_max",
               .type = OptionType::integer,
               .default_value = "16777216",
               .help = "A record that says it is larger is broken framing.",
               .min = 16,
               .max = 256 << 20},
};

constexpr std::array<std::pair<std::string_view, Recfm>, 14> kFormats = {{
    {"F", Recfm::fixed},
    {"FB", Recfm::fixed},
    {"V", Recfm::variable},
    {"VB", Recfm::variable_blocked},
    {"VS", Recfm::spanned},
    {"VBS", Recfm::spanned_blocked},
    {"line", Recfm::line},
    {"length-prefixed", Recfm::length_prefixed},
    {"zosmf", Recfm::length_prefixed},
    {"ims-llzz", Recfm::ims_llzz},
    {"ftp-block", Recfm::ftp_block},
    {"gnucobol", Recfm::gnucobol},
    {"micro-focus", Recfm::micro_focus},
    {"copybook", Recfm::measured},
}};

Recfm recfm_of(std::string_view name) {
  const auto* const found = std::find_if(kFormats.begin(), kFormats.end(),
                                         [&](const auto& row) { return row.first == name; });
  return found == kFormats.end() ? Recfm::fixed : found->second;
}

Presence presence_of(std::string_view name) {
  if (name == "yes") return Presence::yes;
  return name == "no" ? Presence::no : Presence::automatic;
}

std::vector<std::uint8_t> line_ends_of(const Options& options, LineEnds by_code_page,
                                       Diagnostics& diagnostics) {
  check_excludes(options, "line_end_hex", "line_end", diagnostics);
  if (options.is_given("line_end_hex")) {
    ByteBuffer bytes;
    if (from_hex(options.text("line_end_hex"), bytes) && bytes.size() == 1) return {*bytes.data()};
    diagnostics.error(options.where("line_end_hex"),
                      "framing: line_end_hex is one byte in hexadecimal");
  }
  const std::string& name = options.text("line_end");
  constexpr std::uint8_t kNewLine = 0x15;
  constexpr std::uint8_t kLineFeed = 0x25;
  constexpr std::uint8_t kAsciiLineFeed = 0x0A;
  if (name == "nel") return {kNewLine};
  if (name == "ebcdic-lf") return {kLineFeed};
  if (name == "auto" && by_code_page == LineEnds::ebcdic) return {kNewLine, kLineFeed};
  return {kAsciiLineFeed};
}

void check_length_options(const Options& options, Diagnostics& diagnostics) {
  const std::string& format = options.text("recfm");
  const bool has_field = options.is_given("length_field");
  if (has_field && recfm_of(format) != Recfm::fixed) {
    diagnostics.error(options.where("recfm"), "framing: a length field and record format " +
                                                  format +
                                                  ", which has lengths of its own, "
                                                  "exclude each other");
  }
  if (!has_field && options.is_given("length_map"))
    diagnostics.error(options.where("length_map"), "framing: a length map needs a length field");
}

/// An option and the formats that heed it. One that would do nothing is a mistake of who set it.
struct Use {
  std::string_view option;
  std::array<std::string_view, 8> formats;
};
constexpr std::array<Use, 14> kUses = {{
    {"bdw", {"V", "VB", "VS", "VBS", "F", "FB"}},
    {"rdw_endian", {"V", "VB", "VS", "VBS", "length-prefixed", "ims-llzz"}},
    {"rdw_includes_itself", {"V", "VB", "VS", "VBS"}},
    {"rdw_adjust", {"V", "VB", "VS", "VBS", "length-prefixed", "zosmf", "ims-llzz", "gnucobol"}},
    {"bdw_endian", {"V", "VB", "VS", "VBS", "F", "FB"}},
    {"bdw_includes_itself", {"V", "VB", "VS", "VBS", "F", "FB"}},
    {"bdw_adjust", {"V", "VB", "VS", "VBS", "F", "FB"}},
    {"block_size", {"V", "VB", "VS", "VBS", "F", "FB"}},
    {"short_last", {"F", "FB"}},
    {"line_end", {"line"}},
    {"line_end_hex", {"line"}},
    {"wrap_lines", {"line"}},
    {"length_bytes", {"length-prefixed"}},
    {"varseq_format", {"gnucobol"}},
}};

void check_uses(const Options& options, Diagnostics& diagnostics) {
  const std::string& format = options.text("recfm");
  for (const Use& use : kUses) {
    if (!options.is_given(use.option)) continue;
    // Lengths that a field holds are adjusted like those of descriptors.
    if (use.option == "rdw_adjust" && options.is_given("length_field")) continue;
    if (std::find(use.formats.begin(), use.formats.end(), format) != use.formats.end()) continue;
    diagnostics.error(
        options.where(use.option),
        "framing: " + std::string(use.option) + " has no meaning with record format " + format);
  }
  const bool may_have_blocks =
      recfm_of(format) == Recfm::fixed ? options.text("bdw") == "yes" : options.text("bdw") != "no";
  if (options.is_given("block_size") && !may_have_blocks) {
    diagnostics.error(options.where("block_size"),
                      "framing: block_size has no meaning without block descriptor words",
                      "bdw: yes says that there are some");
  }
  if (options.boolean("short_last") && recfm_of(format) == Recfm::fixed &&
      options.text("bdw") == "yes") {
    diagnostics.error(options.where("short_last"),
                      "framing: short_last has no meaning with block descriptor words");
  }
}

std::uint32_t number(const Options& options, std::string_view name) {
  return static_cast<std::uint32_t>(options.integer(name));
}

}  // namespace

std::span<const OptionSpec> framing_options() { return kOptions; }

std::vector<OptionSpec> with_framing(std::span<const OptionSpec> component) {
  std::vector<OptionSpec> all(component.begin(), component.end());
  all.insert(all.begin() + (component.empty() ? 0 : 1), kOptions.begin(), kOptions.end());
  return all;
}

std::string flag_of(const OptionSpec& option) {
  std::string flag = "--" + std::string(option.name);
  for (const std::string_view plain :
       {"skip_header_bytes", "skip_trailer_bytes", "record_prefix_bytes", "record_suffix_bytes"}) {
    if (option.name == plain) flag.resize(flag.size() - std::string_view("_bytes").size());
  }
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

FramingOptions read_framing(const Options& options, LineEnds line_ends, Diagnostics& diagnostics) {
  check_length_options(options, diagnostics);
  check_uses(options, diagnostics);
  FramingOptions framing;
  const std::string& format = options.text("recfm");
  framing.recfm = options.is_given("length_field") ? Recfm::measured : recfm_of(format);
  framing.lrecl = number(options, "lrecl");
  framing.bdw = presence_of(options.text("bdw"));
  framing.rdw_little_endian = options.text("rdw_endian") == "little";
  framing.rdw_includes_itself = options.boolean("rdw_includes_itself");
  framing.rdw_adjust = static_cast<std::int32_t>(options.integer("rdw_adjust"));
  framing.bdw_little_endian = options.text("bdw_endian") == "little";
  framing.bdw_includes_itself = options.boolean("bdw_includes_itself");
  framing.bdw_adjust = static_cast<std::int32_t>(options.integer("bdw_adjust"));
  framing.block_size = number(options, "block_size");
  framing.keep_prefix = options.boolean("keep_prefix");
  framing.line_ends = line_ends_of(options, line_ends, diagnostics);
  framing.writes_carriage_return = options.text("line_end") == "crlf";
  framing.wraps_lines = options.boolean("wrap_lines");
  framing.length_bytes = format == "zosmf" ? 4 : number(options, "length_bytes");
  framing.varseq_format = number(options, "varseq_format");
  framing.record_prefix = number(options, "record_prefix_bytes");
  framing.record_suffix = number(options, "record_suffix_bytes");
  framing.accepts_short_last = options.boolean("short_last");
  framing.header_records = number(options, "header_records");
  framing.trailer_records = number(options, "trailer_records");
  framing.skip_header = static_cast<std::uint64_t>(options.integer("skip_header_bytes"));
  framing.skip_trailer = static_cast<std::uint64_t>(options.integer("skip_trailer_bytes"));
  framing.record_bytes_max = number(options, "record_bytes_max");
  return framing;
}

}  // namespace copybridge::framing
