// The chain of headers that may stand before a message's data: dead-letter header, RFH and RFH2,
// IMS and CICS bridge headers, message descriptor extension, transmission header. Pure; every
// length is checked, messages are hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/adapter.h"
#include "bridge/core/bytes.h"
#include "codecs/charset/code_page.h"

namespace copybridge::adapters::ibm_mq {

/// What the MQMD or a header says of the bytes behind it.
struct Description {
  std::int32_t encoding = 0;
  std::int32_t ccsid = 0;
  std::string format;  ///< without the blanks behind it; empty: none
};

/// What stands before a message's data, and what describes the data.
struct HeaderChain {
  std::size_t payload_offset = 0;
  Description payload;
  /// `mq-HEADER-FIELD` of every header in the chain (docs/ibm-mq.md); numbers in decimal, bytes in
  /// hexadecimal, text in UTF-8. Authenticators are left out.
  Attributes attributes;
  /// Why the chain could not be followed to its end; the payload then begins with the header that
  /// is broken. Empty: the chain is sound.
  std::string fault;
};

/// Code pages by CCSID, loaded once each. For one thread.
class CodePages {
 public:
  /// Null where there is no such page of single bytes or UTF-8.
  const charset::CodePage* find(std::int32_t ccsid);
  /// UTF-8 of header text, blanks and NULs cut off its end. `is_ebcdic` outranks a CCSID that says
  /// otherwise.
  std::string text(ByteView bytes, std::int32_t ccsid, bool is_ebcdic);

 private:
  std::map<std::int32_t, std::shared_ptr<const charset::CodePage>> pages_;
};

/// Follows the chain from the MQMD's description on.
[[nodiscard]] HeaderChain parse_headers(ByteView message, const Description& from_descriptor,
                                        CodePages& pages);

/// Bytes in upper-case hexadecimal.
[[nodiscard]] std::string hex(ByteView bytes);
/// Drops blanks and NULs at the end of a fixed-length name.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The attribute of a message property: `usr.color` and `color` are `mq-rfh2-usr-color`.
[[nodiscard]] std::string property_attribute(std::string_view name);

}  // namespace copybridge::adapters::ibm_mq
