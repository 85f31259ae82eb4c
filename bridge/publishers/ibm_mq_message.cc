// Descriptors, headers and their bytes in the target's code page and byte order.
#include "bridge/publishers/ibm_mq_message.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "adapters/ibm_mq/connection.h"
#include "adapters/ibm_mq/connection_settings.h"
#include "bridge/core/hash.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/ibm_mq_attributes.h"

namespace copybridge::publishers {
namespace {

using adapters::ibm_mq::assign;
using mqi::Long;

constexpr Long kUtf8 = mqi::ccsid::kUtf8;
constexpr Long kEbcdic = 37;
constexpr std::string_view kIdStart = "CPYBRDG1";
/// LL is a signed halfword.
constexpr std::size_t kSegmentMax = 32767;

constexpr std::array kOptions = {
    OptionSpec{.name = "format",
               .default_value = "auto",
               .help = "Format of the body: auto is MQSTR for JSON and none for a record, none is "
                       "blank, anything else is a format's name."},
    OptionSpec{.name = "ccsid",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "CodedCharSetId of the body, which is not translated; 0: 1208 for JSON, 37 "
                       "for a record.",
               .max = 65535},
    OptionSpec{.name = "encoding",
               .type = OptionType::choice,
               .default_value = "auto",
               .help = "How integers, packed and floating numbers of the body lie: auto is native "
                       "for JSON and s390 for a record.",
               .choices = "auto|native|normal|reversed|s390"},
    OptionSpec{.name = "persistence",
               .type = OptionType::choice,
               .default_value = "yes",
               .help = "Whether messages survive the queue manager's end; as-queue leaves it to "
                       "DEFPSIST.",
               .choices = "yes|no|as-queue"},
    OptionSpec{.name = "expiry_ms",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "Milliseconds after which the queue manager drops a message that nobody "
                       "has read, in steps of 100; 0: never.",
               .max = 86'400'000},
    OptionSpec{.name = "priority",
               .type = OptionType::integer,
               .default_value = "-1",
               .help = "Priority; -1: the queue's.",
               .min = -1,
               .max = 9},
    OptionSpec{.name = "reply_to_queue", .help = "ReplyToQ: messages are then requests."},
    OptionSpec{.name = "reply_to_queue_manager",
               .help = "ReplyToQMgr; without it the queue manager's own name."},
    OptionSpec{.name = "correl_id",
               .type = OptionType::choice,
               .default_value = "event-id",
               .help = "CorrelId: event-id is the MsgId, which is made of the event's id; "
                       "new-session begins a unit of work of the CICS bridge.",
               .choices = "event-id|none|new-session"},
    OptionSpec{.name = "context",
               .type = OptionType::choice,
               .default_value = "auto",
               .help = "Who a message says it is from: default is the connection's user and "
                       "program; set-identity takes user_identifier and the like (authority "
                       "SETID), set-all the origin's program, date and time too (SETALL), both "
                       "from the mapping's mq attributes where it has them; none leaves all blank; "
                       "auto is set-identity where user_identifier or application_identity_data "
                       "is given.",
               .choices = "auto|default|none|set-identity|set-all"},
    OptionSpec{.name = "user_identifier",
               .help = "UserIdentifier, set with the identity context (needs the authority to); "
                       "without it and application_identity_data that of the connection."},
    OptionSpec{.name = "application_identity_data", .help = "ApplIdentityData, likewise."},
    OptionSpec{.name = "header",
               .type = OptionType::choice,
               .default_value = "none",
               .help =
                   "What stands before the body: rfh2 has the event's attributes as properties; "
                   "ims is MQIIH, LL, ZZ and transaction code for the IMS bridge; cics is MQCIH, "
                   "and the program's name where there is one, for the CICS bridge.",
               .choices = "none|rfh2|ims|cics"},
    OptionSpec{.name = "transaction", .help = "The transaction code of ims or cics."},
    OptionSpec{.name = "program",
               .help = "The program that the CICS bridge links to; the body is its COMMAREA."},
    OptionSpec{.name = "logical_terminal", .help = "LTermOverride of ims."},
    OptionSpec{.name = "map_name", .help = "MFSMapName of ims."},
    OptionSpec{.name = "reply_format", .help = "ReplyToFormat of ims and cics."},
    OptionSpec{.name = "commit_mode",
               .type = OptionType::choice,
               .default_value = "0",
               .help = "CommitMode of ims: 0 commits before it sends, 1 sends before it commits.",
               .choices = "0|1"},
};

Long encoding_of(std::string_view word) {
  if (word == "native") return mqi::encoding::kNative;
  if (word == "normal") return mqi::encoding::kNormal;
  if (word == "reversed") return mqi::encoding::kReversed;
  return word == "s390" ? mqi::encoding::kS390 : 0;
}

Long persistence_of(std::string_view word) {
  if (word == "yes") return mqi::persistence::kPersistent;
  return word == "no" ? mqi::persistence::kNotPersistent : mqi::persistence::kAsQueueDef;
}

void check_header(const MqMessageSettings& settings, const Options& options,
                  Diagnostics& diagnostics) {
  const bool is_ims = settings.header == MqHeader::ims;
  const bool is_cics = settings.header == MqHeader::cics;
  if (is_ims && settings.transaction.empty()) {
    diagnostics.error(options.where("header"), "'header: ims' needs 'transaction'");
  }
  if (is_cics && settings.transaction.empty() && settings.program.empty()) {
    diagnostics.error(options.where("header"), "'header: cics' needs 'transaction' or 'program'");
  }
  const auto check_use = [&](std::string_view name, bool is_used) {
    if (is_used || !options.is_given(name)) return;
    diagnostics.error(options.where(name), "'" + std::string(name) + "' is not for this 'header'");
  };
  check_use("transaction", is_ims || is_cics);
  check_use("program", is_cics);
  check_use("reply_format", is_ims || is_cics);
  for (const std::string_view name : {"logical_terminal", "map_name", "commit_mode"}) {
    check_use(name, is_ims);
  }
}

/// What stands before the body is written in the body's code page, one byte for a character.
void check_header_page(const MqMessageSettings& settings, const charset::CodePage* page,
                       const Options& options, Diagnostics& diagnostics) {
  if (settings.header == MqHeader::none || page == nullptr) return;
  for (const std::string& text :
       {std::string("RFH 01"), settings.transaction, settings.program, settings.logical_terminal,
        settings.map_name, settings.reply_format}) {
    const auto bytes = page->from_utf8(text);
    if (bytes && bytes->size() == text.size()) continue;
    return diagnostics.error(
        options.where("header"),
        "code page " + page->name() + " has no such characters as '" + text + "', one byte each");
  }
}

std::shared_ptr<const charset::CodePage> page_of(Long ccsid, const Options& options,
                                                 Diagnostics& diagnostics) {
  auto page = charset::CodePage::load(std::to_string(ccsid));
  if (page) return *page;
  diagnostics.error(options.where("ccsid"), page.error().message);
  return nullptr;
}

/// Header fields in the order they are written.
class FieldWriter {
 public:
  FieldWriter(std::string& out, Long encoding, const charset::CodePage& page)
      : out_(out),
        is_reversed_((encoding & mqi::encoding::kIntegerMask) == mqi::encoding::kIntegerReversed),
        page_(page) {}

  FieldWriter& integer(Long value, unsigned bytes = 4) {
    for (unsigned i = 0; i < bytes; ++i) {
      const unsigned shift = 8 * (is_reversed_ ? i : bytes - 1 - i);
      out_ += static_cast<char>(static_cast<std::uint32_t>(value) >> shift);
    }
    return *this;
  }
  /// A page of text that a header can be in has these characters; others were refused by check.
  FieldWriter& text(std::string_view value, std::size_t size) {
    std::string padded(value.substr(0, size));
    padded.resize(size, ' ');
    const auto bytes = page_.from_utf8(padded);
    out_ += bytes ? *bytes : std::string(size, ' ');
    return *this;
  }
  FieldWriter& zeros(std::size_t size) {
    out_.append(size, '\0');
    return *this;
  }
  FieldWriter& bytes(std::string_view value) {
    out_ += value;
    return *this;
  }

 private:
  std::string& out_;
  const bool is_reversed_;
  const charset::CodePage& page_;
};

void append_xml(std::string& out, std::string_view text) {
  for (const char character : text) {
    if (character == '<') {
      out += "&lt;";
    } else if (character == '&') {
      out += "&amp;";
    } else if (character == '>') {
      out += "&gt;";
    } else if (static_cast<unsigned char>(character) < ' ') {
      out += ' ';
    } else {
      out += character;
    }
  }
}

std::string properties_of(const Event& event) {
  std::string folder = "<usr>";
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    folder += "<" + std::string(name) + ">";
    append_xml(folder, value);
    folder += "</" + std::string(name) + ">";
  };
  add("id", event.id);
  add("source", event.source);
  add("type", event.type);
  add("subject", event.subject);
  add("key", event.key);
  add("time", event.time);
  for_each_trace_field(event, [&](const Attribute& field) { add(field.name, field.value); });
  for (const Attribute& attribute : event.extensions)
    if (!is_mq_attribute(attribute.name)) add(attribute.name, attribute.value);
  folder += "</usr>";
  folder.resize((folder.size() + 3) / 4 * 4, ' ');
  return folder;
}

/// What describes the body behind the header.
struct BodyForm {
  std::string format;
  Long ccsid = 0;
  Long encoding = 0;
};

void append_rfh2(FieldWriter& writer, const BodyForm& form, const std::string& folder) {
  const auto size = static_cast<Long>(folder.size());
  writer.text("RFH ", 4).integer(2).integer(40 + size).integer(form.encoding).integer(form.ccsid);
  writer.text(form.format, 8).integer(0).integer(kUtf8).integer(size).bytes(folder);
}

void append_iih(FieldWriter& writer, const MqMessageSettings& settings) {
  writer.text("IIH ", 4).integer(1).integer(84).integer(0).integer(0).text("MQIMSVS", 8);
  writer.integer(0).text(settings.logical_terminal, 8).text(settings.map_name, 8);
  writer.text(settings.reply_format, 8).text("", 8).zeros(16).text(" ", 1);
  writer.text({&settings.commit_mode, 1}, 1).text("C ", 2);
}

void append_cih(FieldWriter& writer, const MqMessageSettings& settings, const BodyForm& form) {
  constexpr Long kNoWait = -2;  // MQCGWI_DEFAULT
  const Long link = settings.program.empty() ? 2 : 1;
  writer.text("CIH ", 4).integer(2).integer(180).integer(0).integer(0).text(form.format, 8);
  writer.integer(0).zeros(12).integer(mqi::uow::kOnly).integer(kNoWait).integer(link);
  writer.integer(-1).zeros(16).zeros(8).text("", 4).text("", 4).text("", 16);
  writer.text(settings.reply_format, 8).text("", 8).text(settings.transaction, 4);
  writer.text("", 20).text("", 16).zeros(16);
}

/// Date and time of an origin that the mapping does not say: now.
void fill_time(const MqOrigin& origin, mqi::MQMD& descriptor) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::string digits = fmt::format("{:%Y%m%d%H%M%S}", now);
  assign(descriptor.put_date, origin.put_date.empty() ? digits.substr(0, 8) : origin.put_date);
  const auto hundredths = now.time_since_epoch().count() / 10 % 100;
  const std::string time = fmt::format("{}{:02}", digits.substr(8, 6), hundredths);
  assign(descriptor.put_time, origin.put_time.empty() ? time : origin.put_time);
}

void fill_context(const MqMessageSettings& settings, mqi::MQMD& descriptor) {
  assign(descriptor.reply_to_q, settings.reply_to_queue);
  assign(descriptor.reply_to_q_mgr, settings.reply_to_queue_manager);
  if (settings.context != MqContext::identity && settings.context != MqContext::all) return;
  assign(descriptor.user_identifier, settings.user_identifier);
  assign(descriptor.appl_identity_data, settings.application_identity_data);
  const MqOrigin& origin = settings.origin;
  descriptor.accounting_token = origin.accounting_token;
  if (settings.context != MqContext::all) return;
  const bool is_own = origin.put_appl_name.empty() && origin.put_appl_type == 0;
  descriptor.put_appl_type = is_own ? mqi::at::kUnix : origin.put_appl_type;
  assign(descriptor.put_appl_name, is_own ? "copybridge" : origin.put_appl_name);
  assign(descriptor.appl_origin_data, origin.appl_origin_data);
  fill_time(origin, descriptor);
}

MqContext context_of(const Options& options) {
  const std::string& word = options.text("context");
  if (word == "none") return MqContext::none;
  if (word == "set-identity") return MqContext::identity;
  if (word == "set-all") return MqContext::all;
  const bool sets_identity = !options.text("user_identifier").empty() ||
                             !options.text("application_identity_data").empty();
  return word == "auto" && sets_identity ? MqContext::identity : MqContext::by_default;
}

void check_context(MqContext context, const Options& options, Diagnostics& diagnostics) {
  if (context == MqContext::identity || context == MqContext::all) return;
  for (const std::string_view name : {"user_identifier", "application_identity_data"}) {
    if (!options.is_given(name)) continue;
    diagnostics.error(options.where(name), "'" + std::string(name) +
                                               "' needs 'context: " + "set-identity' or 'set-all'");
  }
}

}  // namespace

std::vector<OptionSpec> mq_message_options() { return {kOptions.begin(), kOptions.end()}; }

MqMessageSettings read_mq_message(const Options& options, Diagnostics& diagnostics) {
  MqMessageSettings settings;
  const std::string& format = options.text("format");
  if (format != "auto") settings.format = format == "none" ? "" : format;
  settings.ccsid = static_cast<Long>(options.integer("ccsid"));
  settings.encoding = encoding_of(options.text("encoding"));
  settings.persistence = persistence_of(options.text("persistence"));
  const std::int64_t expiry_ms = options.integer("expiry_ms");
  if (expiry_ms > 0) settings.expiry = static_cast<Long>((expiry_ms + 99) / 100);
  settings.priority = static_cast<Long>(options.integer("priority"));
  settings.reply_to_queue = options.text("reply_to_queue");
  settings.reply_to_queue_manager = options.text("reply_to_queue_manager");
  if (!settings.reply_to_queue.empty()) settings.message_type = mqi::msg_type::kRequest;
  const std::string& correl_id = options.text("correl_id");
  if (correl_id == "none") settings.correl_id = MqCorrelId::none;
  if (correl_id == "new-session") settings.correl_id = MqCorrelId::new_session;
  settings.user_identifier = options.text("user_identifier");
  settings.application_identity_data = options.text("application_identity_data");
  settings.context = context_of(options);
  check_context(settings.context, options, diagnostics);
  const std::string& header = options.text("header");
  if (header == "rfh2") settings.header = MqHeader::rfh2;
  if (header == "ims") settings.header = MqHeader::ims;
  if (header == "cics") settings.header = MqHeader::cics;
  settings.transaction = options.text("transaction");
  settings.program = options.text("program");
  settings.logical_terminal = options.text("logical_terminal");
  settings.map_name = options.text("map_name");
  settings.reply_format = options.text("reply_format");
  settings.commit_mode = options.text("commit_mode").front();
  settings.json_page = page_of(settings.ccsid > 0 ? settings.ccsid : kUtf8, options, diagnostics);
  settings.record_page =
      page_of(settings.ccsid > 0 ? settings.ccsid : kEbcdic, options, diagnostics);
  using adapters::ibm_mq::check_length;
  for (const std::string_view name :
       {"format", "program", "logical_terminal", "map_name", "reply_format"}) {
    check_length(options, name, 8, diagnostics);
  }
  check_length(options, "transaction", settings.header == MqHeader::cics ? 4 : 8, diagnostics);
  check_length(options, "reply_to_queue", 48, diagnostics);
  check_length(options, "reply_to_queue_manager", 48, diagnostics);
  check_length(options, "user_identifier", 12, diagnostics);
  check_length(options, "application_identity_data", 32, diagnostics);
  check_header(settings, options, diagnostics);
  check_header_page(settings, settings.json_page.get(), options, diagnostics);
  check_header_page(settings, settings.record_page.get(), options, diagnostics);
  return settings;
}

mqi::Id mq_id(std::string_view event_id) {
  mqi::Id id{};
  std::copy(kIdStart.begin(), kIdStart.end(), id.begin());
  const std::string digits = hash_of(event_id);
  const auto value = [&](std::size_t at) {
    const char digit = digits[at];
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  };
  for (std::size_t i = kIdStart.size(); i < id.size(); ++i) {
    const std::size_t at = 2 * (i - kIdStart.size());
    id[i] = static_cast<mqi::Byte>(value(at) << 4U | value(at + 1));
  }
  return id;
}

Long open_options_of(MqContext context) {
  if (context == MqContext::identity) return mqi::oo::kSetIdentityContext;
  return context == MqContext::all ? mqi::oo::kSetAllContext : 0;
}

Long put_options_of(MqContext context) {
  switch (context) {
    case MqContext::by_default:
      return 0;
    case MqContext::none:
      return mqi::pmo::kNoContext;
    case MqContext::identity:
      return mqi::pmo::kSetIdentityContext;
    case MqContext::all:
      return mqi::pmo::kSetAllContext;
  }
  return 0;
}

std::string make_mq_message(const MqMessageSettings& general, const Event& event,
                            mqi::MQMD& descriptor, std::string& body) {
  const bool is_own = std::ranges::any_of(
      event.extensions, [](const Attribute& one) { return is_mq_attribute(one.name); });
  MqMessageSettings of_event;
  if (is_own) {
    of_event = general;
    std::string refusal = apply_mq_attributes(event, of_event);
    if (!refusal.empty()) return refusal;
  }
  const MqMessageSettings& settings = is_own ? of_event : general;
  BodyForm form;
  form.format = settings.format.value_or(event.is_record ? "" : "MQSTR");
  form.ccsid = settings.ccsid > 0 ? settings.ccsid : event.is_record ? kEbcdic : kUtf8;
  const Long native = event.is_record ? mqi::encoding::kS390 : mqi::encoding::kNative;
  form.encoding = settings.encoding > 0 ? settings.encoding : native;
  descriptor = {};
  descriptor.msg_type = settings.message_type;
  descriptor.expiry = settings.expiry;
  descriptor.encoding = form.encoding;
  descriptor.coded_char_set_id = form.ccsid;
  descriptor.priority = settings.priority;
  descriptor.persistence = settings.persistence;
  descriptor.msg_id = mq_id(event.id);
  if (settings.correl_id == MqCorrelId::event_id) descriptor.correl_id = descriptor.msg_id;
  if (settings.correl_id == MqCorrelId::new_session) descriptor.correl_id = mqi::kNewSession;
  fill_context(settings, descriptor);
  assign(descriptor.format, form.format);

  body.clear();
  const charset::CodePage& page = event.is_record ? *settings.record_page : *settings.json_page;
  FieldWriter writer(body, form.encoding, page);
  switch (settings.header) {
    case MqHeader::none:
      break;
    case MqHeader::rfh2:
      descriptor.format = mqi::format::kRfHeader2;
      append_rfh2(writer, form, properties_of(event));
      break;
    case MqHeader::ims: {
      descriptor.format = mqi::format::kIms;
      append_iih(writer, settings);
      const std::size_t segment = 4 + 8 + event.body.size();
      if (segment > kSegmentMax) return "a segment of IMS has at most 32,767 bytes";
      // Not in the header's byte order: IMS reads it.
      body += static_cast<char>(segment >> 8U);
      body += static_cast<char>(segment);
      writer.zeros(2).text(settings.transaction, 8);
      break;
    }
    case MqHeader::cics:
      descriptor.format = mqi::format::kCics;
      append_cih(writer, settings, form);
      if (!settings.program.empty()) writer.text(settings.program, 8);
      break;
  }
  body += event.body;
  return {};
}

}  // namespace copybridge::publishers
