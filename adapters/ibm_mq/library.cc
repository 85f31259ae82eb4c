// dlopen, in the order of IBM's bindings.
#include "adapters/ibm_mq/library.h"

#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <vector>

namespace copybridge::adapters::ibm_mq {
namespace {

constexpr const char* kFileName = "libmqm_r.so";

std::vector<std::string> candidates(const std::string& named) {
  if (!named.empty()) {
    std::error_code error;
    const std::filesystem::path path(named);
    return {std::filesystem::is_directory(path, error) ? (path / kFileName).native() : named};
  }
  std::vector<std::string> paths = {kFileName};
  for (const char* folder : {"/opt/mqm/lib64/", "/opt/mqm/lib64/compat/", "/opt/mqm/lib/"}) {
    paths.push_back(std::string(folder) + kFileName);
  }
  return paths;
}

/// A function by its name; the first one that is missing is remembered.
class Symbols {
 public:
  explicit Symbols(void* handle) : handle_(handle) {}

  template <typename Function>
  void find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(::dlsym(handle_, name));
    if (function == nullptr && missing_.empty()) missing_ = name;
  }
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  void* handle_;
  std::string missing_;
};

Result<std::unique_ptr<Library>> bind(void* handle, const std::string& path) {
  auto library = std::make_unique<Library>();
  library->path = path;
  Symbols symbols(handle);
  symbols.find("MQCONNX", library->connect);
  symbols.find("MQDISC", library->disconnect);
  symbols.find("MQOPEN", library->open);
  symbols.find("MQCLOSE", library->close);
  symbols.find("MQGET", library->get);
  symbols.find("MQPUT", library->put);
  symbols.find("MQCMIT", library->commit);
  symbols.find("MQBACK", library->back_out);
  symbols.find("MQINQ", library->inquire);
  if (symbols.missing().empty()) return library;
  return fail(ErrorKind::config,
              "ibm-mq: " + path + " has no " + symbols.missing() + ": it is no MQ client library");
}

Result<std::unique_ptr<Library>> load_first(const std::string& named) {
  std::string tried;
  for (const std::string& path : candidates(named)) {
    // Global, as its own exits and the TLS library look for its symbols.
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (handle != nullptr) return bind(handle, path);
    const char* reason = ::dlerror();
    tried += "; " + std::string(reason == nullptr ? path.c_str() : reason);
  }
  return fail(ErrorKind::config,
              "ibm-mq: the MQ client library libmqm_r.so cannot be loaded" + tried +
                  ". Install IBM MQ or its redistributable client (libmqm_r.so is IBM's and is not "
                  "part of copybridge), and name its folder with 'library' or LD_LIBRARY_PATH");
}

}  // namespace

Result<const Library*> Library::load(const std::string& named) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const Library>> loaded;
  const std::scoped_lock lock(mutex);
  const auto known = loaded.find(named);
  if (known != loaded.end()) return known->second.get();
  Result<std::unique_ptr<Library>> library = load_first(named);
  if (!library) return pass_on(library);
  return loaded.emplace(named, std::move(*library)).first->second.get();
}

}  // namespace copybridge::adapters::ibm_mq
