// The user's own MQ client library, loaded when the first connection is made.
#pragma once

#include <string>

#include "adapters/ibm_mq/mqi.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::ibm_mq {

/// The verbs that are called. Loaded once per path and never unloaded: the library keeps threads.
struct Library {
  std::string path;  ///< where it was found
  mqi::MqConnxFn* connect = nullptr;
  mqi::MqDiscFn* disconnect = nullptr;
  mqi::MqOpenFn* open = nullptr;
  mqi::MqCloseFn* close = nullptr;
  mqi::MqGetFn* get = nullptr;
  mqi::MqPutFn* put = nullptr;
  mqi::MqSettleFn* commit = nullptr;
  mqi::MqSettleFn* back_out = nullptr;
  mqi::MqInqFn* inquire = nullptr;

  /// Looks where IBM's bindings do: `named` (a file or the folder of libmqm_r.so) where it is
  /// given, then the loader's own path, /opt/mqm/lib64, /opt/mqm/lib64/compat and /opt/mqm/lib.
  /// ErrorKind::config where it is nowhere or is no MQ library. Thread-safe.
  static Result<const Library*> load(const std::string& named);
};

}  // namespace copybridge::adapters::ibm_mq
