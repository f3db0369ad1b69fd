// Merges of values, as functions of the host's do them.
#include "rocksdb/merge_operator.h"

#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

class HostMergeOperator : public MergeOperator {
 public:
  explicit HostMergeOperator(const rdb_host_object& described) : host_(described) {}

  const char* Name() const override { return host_.name().c_str(); }
  bool AllowSingleOperand() const override { return host_.Is(kHostSingleOperand); }

  bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override {
    rdb_bytes_call call = {};
    SetKey(&call, input.key);
    if (input.existing_value != nullptr) SetValue(&call, *input.existing_value);
    SetOperands(&call, input.operand_list);
    if (host_.CallForBytes(kFullMerge, &call, &output->new_value)) return true;
    // Reads of the key fail; flushes and compactions carry the operands on as they are.
    output->op_failure_scope = OpFailureScope::kMustMerge;
    return false;
  }

  bool PartialMergeMulti(const Slice& key, const std::deque<Slice>& operands, std::string* result,
                         Logger*) const override {
    if (!host_.Has(kPartialMerge)) return false;
    const std::vector<Slice> list(operands.begin(), operands.end());
    rdb_bytes_call call = {};
    SetKey(&call, key);
    SetOperands(&call, list);
    return host_.CallForBytes(kPartialMerge, &call, result) && call.answer != 0;
  }

  bool PartialMerge(const Slice& key, const Slice& left, const Slice& right, std::string* result,
                    Logger* logger) const override {
    return PartialMergeMulti(key, {left, right}, result, logger);
  }

  bool ShouldMerge(const std::vector<Slice>& operands) const override {
    if (!host_.Has(kShouldMerge)) return false;
    rdb_bytes_call call = {};
    SetOperands(&call, operands);
    return host_.Call(kShouldMerge, &call) && call.answer != 0;
  }

 private:
  static void SetOperands(rdb_bytes_call* call, const std::vector<Slice>& operands) {
    call->operands = ToWord(operands.data());
    call->operand_count = operands.size();
  }

  const NamedHostObject host_;
};

}  // namespace

std::shared_ptr<MergeOperator> MakeMergeOperator(const rdb_host_object& object) {
  return std::make_shared<HostMergeOperator>(object);
}

}  // namespace rocksdb_wasm
