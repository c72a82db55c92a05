// Whether this processor, under this operating system, runs the instructions of this build.
#pragma once
#if defined(__AVX2__)
#include <cpuid.h>
#endif

namespace jubako {

#if defined(__AVX512F__)
constexpr unsigned INSTRUCTIONS = bit_AVX2 | bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
constexpr unsigned REGISTERS = 0xe6;  // XMM, YMM, masks, and both parts of ZMM
#elif defined(__AVX2__)
constexpr unsigned INSTRUCTIONS = bit_AVX2;
constexpr unsigned REGISTERS = 0x06;  // XMM and YMM
#endif

// Not by __builtin_cpu_supports: with some compilers that reads a table which nothing has filled.
inline bool runs_here() {
#if defined(__AVX2__)
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_FMA) || !(ecx & bit_OSXSAVE)) return false;
    unsigned saved, upper;  // the registers that the operating system keeps for each thread
    asm("xgetbv" : "=a"(saved), "=d"(upper) : "c"(0));
    return (saved & REGISTERS) == REGISTERS && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) &&
           (ebx & INSTRUCTIONS) == INSTRUCTIONS;
#else
    return true;
#endif
}

}  // namespace jubako
