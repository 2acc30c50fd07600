using System.Buffers.Binary;

namespace Frontdesk.Desks;

/// <summary>A stand-in for a recording: two voices that take turns, made of tones. A WAV file of 8 kHz, 8 bits, one channel.</summary>
internal static class MakeTone
{
    private const int Rate = 8000;
    private const int Header = 44;

    /// <param name="seconds">1 to 20.</param>
    /// <param name="key">Another number is another conversation.</param>
    public static byte[] Run(int seconds, int key)
    {
        var file = new byte[Header + seconds * Rate];
        WriteHeader(file);
        for (var i = 0; i < seconds * Rate; i++)
        {
            var at = (double)i / Rate;
            // A turn lasts about a second and a half, a syllable a fifth of a second.
            var (turn, syllable) = ((int)(at / 1.5), (int)(at * 5));
            var pitch = (turn % 2 == 0 ? 205 : 118) + (syllable * 37 + key * 11) % 40;
            var loud = Math.Pow(Math.Sin(Math.PI * (at * 5 - syllable)), 2) * (at - turn * 1.5 > 1.3 ? 0 : 1);
            var wave = Math.Sin(2 * Math.PI * pitch * at) + 0.5 * Math.Sin(4 * Math.PI * pitch * at) + 0.25 * Math.Sin(6 * Math.PI * pitch * at);
            file[Header + i] = (byte)(128 + 48 * loud * wave);
        }
        return file;
    }

    private static void WriteHeader(Span<byte> file)
    {
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file[4..], file.Length - 8);
        "WAVEfmt "u8.CopyTo(file[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(file[16..], 16);
        // PCM, one channel, samples a second, bytes a second, bytes a sample, bits.
        BinaryPrimitives.WriteInt16LittleEndian(file[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(file[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(file[24..], Rate);
        BinaryPrimitives.WriteInt32LittleEndian(file[28..], Rate);
        BinaryPrimitives.WriteInt16LittleEndian(file[32..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(file[34..], 8);
        "data"u8.CopyTo(file[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(file[40..], file.Length - Header);
    }
}
