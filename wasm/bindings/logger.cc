// A logger of the host's: RocksDB's lines go there instead of into the LOG file.
#include <stdarg.h>
#include <stdio.h>

#include "rocksdb/env.h"
#include "wasm/bindings/contract/events.h"
#include "wasm/bindings/host.h"
#include "wasm/bindings/host_objects.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

class HostLogger : public Logger {
 public:
  HostLogger(uint32_t callback, InfoLogLevel level) : host_(callback) {
    rdb_log_message wanted = {static_cast<uint32_t>(level), 0, 0};
    if (host_.Call(kLoggerDescribe, &wanted)) level = static_cast<InfoLogLevel>(wanted.level);
    SetInfoLogLevel(level);
  }

  using Logger::Logv;
  void LogHeader(const char* format, va_list arguments) override {
    Write(InfoLogLevel::HEADER_LEVEL, format, arguments);
  }
  void Logv(const char* format, va_list arguments) override {
    Write(InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  void Logv(const InfoLogLevel level, const char* format, va_list arguments) override {
    if (level >= GetInfoLogLevel()) Write(level, format, arguments);
  }

 private:
  void Write(InfoLogLevel level, const char* format, va_list arguments) {
    OwnerScope owner(Owner::kCallback);
    va_list again;
    va_copy(again, arguments);
    char line[512];
    const int length = vsnprintf(line, sizeof(line), format, arguments);
    if (length >= static_cast<int>(sizeof(line))) {
      std::string text(length + 1, '\0');
      vsnprintf(text.data(), text.size(), format, again);
      Send(level, text.data(), length);
    } else if (length >= 0) {
      Send(level, line, length);
    }
    va_end(again);
  }

  void Send(InfoLogLevel level, const char* text, int length) {
    while (length > 0 && text[length - 1] == '\n') --length;
    rdb_log_message message = {static_cast<uint32_t>(level), ToWord(text),
                               static_cast<uint32_t>(length)};
    host_.Call(kLoggerLog, &message);
  }

  const HostObject host_;
};

}  // namespace

std::shared_ptr<Logger> MakeHostLogger(uint32_t callback, InfoLogLevel level) {
  OwnerScope owner(Owner::kCallback);
  return std::make_shared<HostLogger>(callback, level);
}

}  // namespace rocksdb_wasm
