import { at, no, type } from '../api-table/rows.mjs';

export default {
  area: 'tools',
  cpp: {
    LDBTool: type('tools.ldb', { names: { Run: 'tools.ldb' } }),
    LDBOptions: no('cpp', 'for tools around ldb in C++'),
    SliceFormatter: no('cpp', 'for tools around ldb in C++'),
    SSTDumpTool: type('tools.sstDump', { names: { Run: 'tools.sstDump' } }),
    DumpOptions: type(at('tools.ldb', '`dump`'), { fields: 'tools.ldb' }),
    DbDumpTool: type(at('tools.ldb', '`dump`'), { names: { Run: 'tools.ldb' } }),
    UndumpOptions: type(at('tools.ldb', '`load`'), { fields: 'tools.ldb' }),
    DbUndumpTool: type(at('tools.ldb', '`load`'), { names: { Run: 'tools.ldb' } }),
    LDBCommand: no('internal', 'the parts of ldb'),
    LDBCommandRunner: type('tools.ldb', { methods: 'tools.ldb' }),
    LDBCommandExecuteResult: no('internal', 'the parts of ldb'),
    db_bench_tool: no('internal', 'a benchmark of C++'),
    cache_bench_tool: no('internal', 'a benchmark of C++'),
    db_stress_tool: no('internal', 'a test of C++'),
    'lua::RocksLuaCustomLibrary': no('wasm', 'there is no Lua in it'),
    'lua::LuaStateWrapper': no('wasm', 'there is no Lua in it'),
  },
};
