// Expat over one folder; document types are refused, depth is bounded.
#include "adapters/ibm_mq/rfh2_folders.h"

#include <expat.h>

#include <memory>
#include <vector>

#include "adapters/ibm_mq/headers.h"

namespace copybridge::adapters::ibm_mq {
namespace {

constexpr std::size_t kDepthMax = 32;

struct FreeParser {
  void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
};

/// Collects leaves; stops the parser at what no folder has.
class FolderReader {
 public:
  explicit FolderReader(Attributes& attributes) : attributes_(attributes) {}

  std::string read(std::string_view xml) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
    const XML_Status status =
        XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE);
    if (!fault_.empty() || status == XML_STATUS_OK) return fault_;
    return XML_ErrorString(XML_GetErrorCode(parser_.get()));
  }

 private:
  static FolderReader& of(void* user) { return *static_cast<FolderReader*>(user); }
  static void on_start(void* user, const XML_Char* name, const XML_Char** /*attributes*/) {
    of(user).start(name);
  }
  static void on_end(void* user, const XML_Char* /*name*/) { of(user).end(); }
  static void on_text(void* user, const XML_Char* text, int size) {
    of(user).text_.append(text, static_cast<std::size_t>(size));
  }
  static void on_doctype(void* user, const XML_Char* /*name*/, const XML_Char* /*system*/,
                         const XML_Char* /*public_id*/, int /*has_internal*/) {
    of(user).stop("a document type");
  }

  void stop(std::string_view why) {
    fault_ = why;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void start(std::string_view name) {
    if (path_sizes_.size() >= kDepthMax) return stop("elements too deep");
    path_sizes_.push_back(path_.size());
    path_ += (path_.empty() ? "" : ".") + std::string(name);
    text_.clear();
    is_leaf_ = true;
  }

  void end() {
    // The folder itself is no property.
    if (is_leaf_ && path_sizes_.size() > 1) {
      if (attributes_.size() >= kPropertiesMax) return stop("too many properties");
      attributes_.emplace_back(property_attribute(path_), text_);
    }
    is_leaf_ = false;
    path_.resize(path_sizes_.back());
    path_sizes_.pop_back();
  }

  std::unique_ptr<XML_ParserStruct, FreeParser> parser_{XML_ParserCreate("UTF-8")};
  Attributes& attributes_;
  std::string path_;
  std::vector<std::size_t> path_sizes_;
  std::string text_;
  bool is_leaf_ = false;
  std::string fault_;
};

}  // namespace

std::string read_folder(std::string_view xml_utf8, Attributes& attributes) {
  return FolderReader(attributes).read(xml_utf8);
}

}  // namespace copybridge::adapters::ibm_mq
