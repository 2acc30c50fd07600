using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Features.Places;

/// <summary>
/// Which file a path leads to, and in which state: another file in its place, and every change to its content, make another identity. Length and time of change alone would not do:
/// images and archives give all files the same time. The inode's own time of change (ctime) is the kernel's, nobody can set it back.
/// </summary>
internal readonly partial record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode, ulong Length, long ChangedSeconds, uint ChangedNanoseconds)
{
    private const int Here = -100; // AT_FDCWD
    private const int OfHandle = 0x1000; // AT_EMPTY_PATH
    private const uint Wanted = 0x7FF; // STATX_BASIC_STATS
    private const int KindOfFile = 0xF000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG

    /// <summary>Follows links. Null when there is nothing, or something that is no ordinary file: a pipe would make its reader wait for ever.</summary>
    public static FileIdentity? Of(string path) => Ask(Here, path, 0);

    public static FileIdentity? Of(SafeFileHandle file)
    {
        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return Ask((int)file.DangerousGetHandle(), "", OfHandle);
        }
        finally
        {
            if (held) file.DangerousRelease();
        }
    }

    private static FileIdentity? Ask(int folder, string path, int flags)
    {
        if (Statx(folder, path, flags, Wanted, out var found) != 0 || (found.Mode & KindOfFile) != Regular) return null;
        return new FileIdentity(found.DeviceMajor, found.DeviceMinor, found.Inode, found.Length, found.ChangedSeconds, found.ChangedNanoseconds);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out Found found);

    /// <summary><c>struct statx</c> of the kernel: the same on every machine, unlike <c>struct stat</c>. statx(2).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Found
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Length;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
