// Doubles of object stores as endpoints of their publishers.
#include <cstdlib>

#include "tests/conformance/components/rig.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"

namespace copybridge::publishers {
namespace {

/// A double that keeps whole objects as files in its folder.
class StoreRig : public Rig {
 public:
  explicit StoreRig(const std::string& script)
      : server_({"python3", support::source_path("tests/support/" + script), "--folder",
                 folder_.path().string()}),
        port_(server_.read_port()) {
    ::setenv("COPYBRIDGE_TEST_AZURE", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 1);
    ::setenv("COPYBRIDGE_TEST_AWS", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
  }
  std::string options() const override { return options_of(address(port_)); }
  std::string options_when_away() const override { return options_of(address(1)); }
  std::size_t received() override { return lines(); }

 private:
  [[nodiscard]] virtual std::string options_of(const std::string& origin) const = 0;
  static std::string address(int port) { return "http://127.0.0.1:" + std::to_string(port); }

  testing_support::ChildProcess server_;
  int port_;
};

class S3Rig final : public StoreRig {
 public:
  S3Rig() : StoreRig("s3_double.py") {}

 private:
  std::string options_of(const std::string& origin) const override {
    return "{bucket: b, endpoint: '" + origin +
           "', region: eu-central-1, access_key_id: AKIDEXAMPLE, "
           "secret_access_key: '${env:COPYBRIDGE_TEST_AWS}'}";
  }
};

class BlobRig : public StoreRig {
 public:
  BlobRig() : StoreRig("azure_store_double.py") {}

 private:
  std::string options_of(const std::string& origin) const override {
    return "{account: a, container: c, endpoint: '" + origin +
           "/blob/a', key: '${env:COPYBRIDGE_TEST_AZURE}'}";
  }
};

class LakeRig : public StoreRig {
 public:
  LakeRig() : StoreRig("azure_store_double.py") {}

 private:
  std::string options_of(const std::string& origin) const override {
    return "{account: a, container: c, write: data-lake, endpoint: '" + origin +
           "/lake/a', key: '${env:COPYBRIDGE_TEST_AZURE}'}";
  }
};

class GcsRig final : public StoreRig {
 public:
  GcsRig() : StoreRig("gcp_double.py") {}
  std::size_t received() override {
    std::size_t count = 0;
    for (const std::string& name : folder_.files()) {
      if (name.starts_with("objects/")) count += lines_of(folder_.read(name)).size();
    }
    return count;
  }

 private:
  std::string options_of(const std::string& origin) const override {
    return "{bucket: b, endpoint: '" + origin + "', credentials_file: '" +
           (folder_.path() / "account.json").string() + "'}";
  }
};

const RigRow kRigs[] = {{"aws-s3", "aws_s3", make_rig<S3Rig>},
                        {"azure-blob", "azure_blob", make_rig<BlobRig>},
                        {"azure-blob", "azure_data_lake", make_rig<LakeRig>},
                        {"gcp-storage", "gcp_storage", make_rig<GcsRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
