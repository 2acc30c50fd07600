using System.Runtime.InteropServices;

namespace Holdfast.Secrets;

/// <summary>The few calls of libsodium (23, 1.0.18 or later) that Holdfast uses. Names and contracts are those of the library's manual.</summary>
internal static partial class Sodium
{
    private const string Library = "libsodium.so.23";

    internal const int PwhashStrBytes = 128;
    internal const int AeadKeyBytes = 32;
    internal const int AeadNonceBytes = 24;
    internal const int AeadTagBytes = 16;

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Init();

    [LibraryImport(Library, EntryPoint = "sodium_version_string")]
    private static partial nint VersionString();

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_str_alg")]
    internal static unsafe partial int PwhashStr(byte* encoded, byte* password, ulong passwordLength, ulong opsLimit, nuint memLimit, int alg);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_str_verify")]
    internal static unsafe partial int PwhashStrVerify(byte* encoded, byte* password, ulong passwordLength);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_str_needs_rehash")]
    internal static unsafe partial int PwhashStrNeedsRehash(byte* encoded, ulong opsLimit, nuint memLimit);

    [LibraryImport(Library, EntryPoint = "crypto_aead_xchacha20poly1305_ietf_encrypt")]
    internal static unsafe partial int AeadEncrypt(byte* sealedText, ulong* sealedLength, byte* plain, ulong plainLength, byte* additional, ulong additionalLength, byte* unused, byte* nonce, byte* key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_xchacha20poly1305_ietf_decrypt")]
    internal static unsafe partial int AeadDecrypt(byte* plain, ulong* plainLength, byte* unused, byte* sealedText, ulong sealedLength, byte* additional, ulong additionalLength, byte* nonce, byte* key);

    /// <summary>Loads and initialises the library. Safe to call often and from many threads.</summary>
    /// <exception cref="DllNotFoundException">libsodium is not installed.</exception>
    internal static void EnsureReady()
    {
        if (Init() < 0) throw new InvalidOperationException("libsodium could not be initialised.");
    }

    /// <summary>Such as "1.0.18".</summary>
    internal static string Version => Marshal.PtrToStringUTF8(VersionString()) ?? "";
}
