using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Holdfast.Features.Shared;

/// <summary><c>&lt;icon name="key" class="icon-s" /&gt;</c>: a glyph of the sprite, hidden from readers. It always stands beside words or inside a labelled button.</summary>
[HtmlTargetElement("icon", TagStructure = TagStructure.WithoutEndTag)]
public sealed class IconTagHelper : TagHelper
{
    public string Name { get; set; } = "";

    public string? Class { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "svg";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Class is null ? "icon" : $"icon {Class}");
        output.Attributes.SetAttribute("aria-hidden", "true");
        output.Content.SetHtmlContent($"<use href=\"/icons.svg#{Name}\"></use>");
    }
}
