// The headers' forms as tables, and the walk along the chain.
#include "adapters/ibm_mq/headers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "adapters/ibm_mq/header_reader.h"
#include "adapters/ibm_mq/rfh2_folders.h"

namespace copybridge::adapters::ibm_mq {
namespace {

/// Longer chains are nobody's; each link costs attributes.
constexpr std::size_t kHeadersMax = 16;
constexpr std::int32_t kCcsidInherit = -2;
constexpr std::size_t kRfh2Size = 36;
constexpr std::size_t kRfhSize = 32;
constexpr std::int32_t kCcsidUtf8 = 1208;

constexpr std::array kDlhFields = {
    HeaderField{"reason", 8},
    HeaderField{"dest-q", 12, 48, FieldKind::text},
    HeaderField{"dest-q-mgr", 60, 48, FieldKind::text},
    HeaderField{"put-appl-type", 124},
    HeaderField{"put-appl-name", 128, 28, FieldKind::text},
    HeaderField{"put-date", 156, 8, FieldKind::text},
    HeaderField{"put-time", 164, 8, FieldKind::text},
};
constexpr std::array kIihFields = {
    HeaderField{"flags", 28},
    HeaderField{"l-term-override", 32, 8, FieldKind::text},
    HeaderField{"mfs-map-name", 40, 8, FieldKind::text},
    HeaderField{"reply-to-format", 48, 8, FieldKind::text},
    HeaderField{"tran-instance-id", 64, 16, FieldKind::bytes},
    HeaderField{"tran-state", 80, 1, FieldKind::text},
    HeaderField{"commit-mode", 81, 1, FieldKind::text},
    HeaderField{"security-scope", 82, 1, FieldKind::text},
};
constexpr std::array kCihFields = {
    HeaderField{"flags", 28},
    HeaderField{"return-code", 32},
    HeaderField{"comp-code", 36},
    HeaderField{"reason", 40},
    HeaderField{"uow-control", 44},
    HeaderField{"get-wait-interval", 48},
    HeaderField{"link-type", 52},
    HeaderField{"output-data-length", 56},
    HeaderField{"facility-keep-time", 60},
    HeaderField{"ads-descriptor", 64},
    HeaderField{"conversational-task", 68},
    HeaderField{"task-end-status", 72},
    HeaderField{"facility", 76, 8, FieldKind::bytes},
    HeaderField{"function", 84, 4, FieldKind::text},
    HeaderField{"abend-code", 88, 4, FieldKind::text},
    HeaderField{"reply-to-format", 108, 8, FieldKind::text},
    HeaderField{"remote-sys-id", 116, 4, FieldKind::text},
    HeaderField{"remote-trans-id", 120, 4, FieldKind::text},
    HeaderField{"transaction-id", 124, 4, FieldKind::text},
    HeaderField{"facility-like", 128, 4, FieldKind::text},
    HeaderField{"attention-id", 132, 4, FieldKind::text},
    HeaderField{"start-code", 136, 4, FieldKind::text},
    HeaderField{"cancel-code", 140, 4, FieldKind::text},
    HeaderField{"next-transaction-id", 144, 4, FieldKind::text},
};
constexpr std::array kMdeFields = {
    HeaderField{"group-id", 32, 24, FieldKind::bytes},
    HeaderField{"msg-seq-number", 56},
    HeaderField{"offset", 60},
    HeaderField{"msg-flags", 64},
    HeaderField{"original-length", 68},
};
constexpr std::array kXqhFields = {
    HeaderField{"remote-q", 8, 48, FieldKind::text},
    HeaderField{"remote-q-mgr", 56, 48, FieldKind::text},
};
constexpr std::array kRfhFields = {HeaderField{"flags", 28}};

/// One kind of header. A length in the header itself stands at 8.
struct HeaderForm {
  std::string_view format;  ///< of what comes before it
  std::string_view eye_catcher;
  std::string_view name;  ///< in attributes
  std::int32_t version_max = 1;
  std::size_t size = 0;  ///< at least
  bool has_length = false;
  std::size_t next_encoding = 0;
  std::size_t next_ccsid = 0;
  std::size_t next_format = 0;
  bool is_next_inherited = false;  ///< encoding and CCSID are reserved
  std::span<const HeaderField> fields = {};
};

constexpr std::array kForms = {
    HeaderForm{"MQDEAD", "DLH ", "dlh", 1, 172, false, 108, 112, 116, false, kDlhFields},
    HeaderForm{"MQHRF2", "RFH ", "rfh2", 2, kRfh2Size, true, 12, 16, 20, false, {}},
    HeaderForm{"MQHRF", "RFH ", "rfh", 1, kRfhSize, true, 12, 16, 20, false, kRfhFields},
    HeaderForm{"MQIMS", "IIH ", "iih", 1, 84, true, 12, 16, 20, true, kIihFields},
    HeaderForm{"MQCICS", "CIH ", "cih", 2, 164, true, 12, 16, 20, true, kCihFields},
    HeaderForm{"MQHMDE", "MDE ", "mde", 2, 72, true, 12, 16, 20, false, kMdeFields},
    HeaderForm{"MQXMIT", "XQH ", "xqh", 1, 428, false, 128, 132, 136, false, kXqhFields},
};

const HeaderForm* form_of(std::string_view format) {
  const auto found = std::ranges::find(kForms, format, &HeaderForm::format);
  return found == kForms.end() ? nullptr : &*found;
}

/// The pairs {length, text} behind an MQRFH2's fixed part. Returns what is wrong.
std::string read_folders(const HeaderReader& header, CodePages& pages, Attributes& attributes) {
  std::int32_t ccsid = header.integer(32);
  if (ccsid == 0) ccsid = kCcsidUtf8;
  std::size_t at = kRfh2Size;
  while (at < header.size()) {
    if (header.size() - at < 4) return "a folder's length is cut off";
    const std::int32_t size = header.integer(at);
    at += 4;
    if (size < 0 || static_cast<std::size_t>(size) > header.size() - at) {
      return "a folder of " + std::to_string(size) + " bytes, " +
             std::to_string(header.size() - at) + " are left";
    }
    const auto bytes = header.bytes(at, static_cast<std::size_t>(size));
    const std::string folder = folder_text(bytes, ccsid, header.is_big_endian(), pages);
    const std::string fault = read_folder(folder, attributes);
    if (!fault.empty()) return "a folder is no XML: " + fault;
    at += static_cast<std::size_t>(size);
  }
  return {};
}

/// One step along the chain.
class Link {
 public:
  Link(ByteView message, HeaderChain& chain, CodePages& pages)
      : message_(message), chain_(chain), pages_(pages) {}

  /// False where the payload is reached or the chain is broken.
  bool follow() {
    const HeaderForm* form = form_of(chain_.payload.format);
    if (form == nullptr) return false;
    Attributes attributes;
    Description next;
    std::size_t size = 0;
    const std::string fault = read(*form, attributes, next, size);
    if (!fault.empty()) {
      chain_.fault = "MQ" + upper(form->name) + " at offset " +
                     std::to_string(chain_.payload_offset) + ": " + fault;
      return false;
    }
    std::ranges::move(attributes, std::back_inserter(chain_.attributes));
    chain_.payload = std::move(next);
    chain_.payload_offset += size;
    return true;
  }

 private:
  static std::string upper(std::string_view name) {
    std::string text(name);
    std::ranges::transform(text, text.begin(), [](char letter) {
      return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return text;
  }

  std::string read(const HeaderForm& form, Attributes& attributes, Description& next,
                   std::size_t& size) {
    const ByteView left = message_.subspan(chain_.payload_offset);
    if (left.size() < form.size) {
      return "needs " + std::to_string(form.size) + " bytes, " + std::to_string(left.size()) +
             " are left";
    }
    const auto begun = HeaderReader::begin(left, form.eye_catcher, form.version_max);
    if (!begun) return "neither eye-catcher nor version are those of the format";
    const std::int32_t length =
        form.has_length ? begun->integer(8) : static_cast<std::int32_t>(form.size);
    if (length < static_cast<std::int32_t>(form.size) ||
        static_cast<std::size_t>(length) > left.size()) {
      return "its length is " + std::to_string(length) + ", expected " + std::to_string(form.size) +
             " to " + std::to_string(left.size());
    }
    size = static_cast<std::size_t>(length);
    const HeaderReader header = begun->within(size);
    next = next_of(form, header);
    header.append_fields(form.name, form.fields, chain_.payload.ccsid, pages_, attributes);
    if (form.name == "rfh2") return read_folders(header, pages_, attributes);
    if (form.name == "rfh" && size > kRfhSize) {
      attributes.emplace_back("mq-rfh-name-value",
                              pages_.text(header.bytes(kRfhSize, size - kRfhSize),
                                          chain_.payload.ccsid, header.is_ebcdic()));
    }
    return {};
  }

  Description next_of(const HeaderForm& form, const HeaderReader& header) {
    Description next;
    const Description& before = chain_.payload;
    next.format = pages_.text(header.bytes(form.next_format, 8), before.ccsid, header.is_ebcdic());
    const std::int32_t encoding = header.integer(form.next_encoding);
    const std::int32_t ccsid = header.integer(form.next_ccsid);
    const bool keeps_encoding = form.is_next_inherited || encoding <= 0;
    const bool keeps_ccsid = form.is_next_inherited || ccsid == 0 || ccsid == kCcsidInherit;
    next.encoding = keeps_encoding ? before.encoding : encoding;
    next.ccsid = keeps_ccsid ? before.ccsid : ccsid;
    return next;
  }

  const ByteView message_;
  HeaderChain& chain_;
  CodePages& pages_;
};

}  // namespace

HeaderChain parse_headers(ByteView message, const Description& from_descriptor, CodePages& pages) {
  HeaderChain chain;
  chain.payload = from_descriptor;
  Link link(message, chain, pages);
  std::size_t headers = 0;
  while (headers < kHeadersMax && link.follow()) ++headers;
  if (headers == kHeadersMax && form_of(chain.payload.format) != nullptr) {
    chain.fault = "more than " + std::to_string(kHeadersMax) + " headers";
  }
  return chain;
}

std::string property_attribute(std::string_view name) {
  std::string attribute = "mq-rfh2-";
  if (name.find('.') == std::string_view::npos) attribute += "usr-";
  for (const char character : name) {
    const bool is_plain = (character >= '0' && character <= '9') ||
                          (character >= 'a' && character <= 'z') ||
                          (character >= 'A' && character <= 'Z') || character == '_';
    attribute += is_plain ? character : '-';
  }
  return attribute;
}

}  // namespace copybridge::adapters::ibm_mq
