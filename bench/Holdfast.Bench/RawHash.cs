using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Holdfast.Bench;

/// <summary>How fast libsodium itself compares a password with an Argon2id hash of the given parameters: no server around it.</summary>
internal static partial class RawHash
{
    private const string Library = "libsodium.so.23";
    private const int Argon2Id13 = 2; // crypto_pwhash_ALG_ARGON2ID13
    private static readonly byte[] Password = "kvikkjokk-lapporten"u8.ToArray();

    /// <returns>Comparisons in a second, and the CPU milliseconds of one.</returns>
    public static (double PerSecond, double CpuMillis) Measure(int threads, int memoryKiB, int iterations, int seconds)
    {
        var encoded = new byte[128];
        if (Init() < 0 || Make(encoded, Password, (ulong)Password.Length, (ulong)iterations, (nuint)memoryKiB * 1024, Argon2Id13) != 0) throw new InvalidOperationException("libsodium does not hash");
        long done = 0;
        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                if (Verify(encoded, Password, (ulong)Password.Length) != 0) throw new InvalidOperationException("The right password does not match");
                Interlocked.Increment(ref done);
            }
        })).ToList();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return (done / clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / done);
    }

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Init();

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_str_alg")]
    private static partial int Make([Out] byte[] encoded, byte[] password, ulong length, ulong operations, nuint memory, int algorithm);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_str_verify")]
    private static partial int Verify(byte[] encoded, byte[] password, ulong length);
}
