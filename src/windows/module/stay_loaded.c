/*
 * Keeps the module loaded until the process ends, as src/posix/module/stay_loaded.c does.
 */
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved) {
    const DWORD flags =
        GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    (void)reserved;
    return reason != DLL_PROCESS_ATTACH ||
           GetModuleHandleExA(flags, (const char *)module, &module);
}
