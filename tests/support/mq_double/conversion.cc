// CCSIDs by the names that iconv has for them.
#include "tests/support/mq_double/conversion.h"

#include <iconv.h>

#include <vector>

namespace copybridge::mq_double {
namespace {

namespace rc = mqi::rc;

const iconv_t kNone = reinterpret_cast<iconv_t>(-1);  // NOLINT: as iconv_open has it

std::vector<std::string> names_of(Long ccsid) {
  if (ccsid == mqi::ccsid::kUtf8) return {"UTF-8"};
  if (ccsid == mqi::ccsid::kUtf16) return {"UTF-16BE"};
  if (ccsid == 819) return {"ISO-8859-1"};
  std::string digits = std::to_string(ccsid);
  const std::string plain = digits;
  digits.insert(0, digits.size() < 3 ? 3 - digits.size() : 0, '0');
  return {"IBM" + digits, "CP" + plain, "IBM-" + plain};
}

class Converter {
 public:
  Converter(Long to, Long from) {
    for (const std::string& target : names_of(to))
      for (const std::string& source : names_of(from))
        if (handle_ == kNone) handle_ = ::iconv_open(target.c_str(), source.c_str());
  }
  ~Converter() {
    if (handle_ != kNone) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  [[nodiscard]] bool is_known() const { return handle_ != kNone; }

  bool run(const std::string& text, std::string& result) {
    result.resize(text.size() * 4 + 16);
    char* from = const_cast<char*>(text.data());  // NOLINT: iconv only reads
    std::size_t from_left = text.size();
    char* to = result.data();
    std::size_t to_left = result.size();
    if (::iconv(handle_, &from, &from_left, &to, &to_left) != 0) return false;
    result.resize(result.size() - to_left);
    return true;
  }

 private:
  iconv_t handle_ = kNone;
};

}  // namespace

Outcome convert(mqi::MQMD& md, Long target, Long encoding, std::string& text) {
  const bool is_wanted = md.coded_char_set_id == target && md.encoding == encoding;
  if (is_wanted) return {};
  if (md.format != mqi::format::kString) return warned(rc::kFormatError);
  if (!Converter(mqi::ccsid::kUtf8, md.coded_char_set_id).is_known())
    return warned(rc::kSourceCcsidError);
  Converter converter(target, md.coded_char_set_id);
  if (!converter.is_known()) return warned(rc::kTargetCcsidError);
  std::string result;
  if (!converter.run(text, result)) return warned(rc::kNotConverted);
  text = std::move(result);
  md.coded_char_set_id = target;
  md.encoding = encoding;
  return {};
}

}  // namespace copybridge::mq_double
