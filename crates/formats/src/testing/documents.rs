//! Documents of two vendors.

/// A Disqus file around these records.
pub(crate) fn disqus(records: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">\n\
         <category dsq:id=\"9\"><forum>Demo</forum><title>General</title><isDefault>true</isDefault></category>\n\
         {records}\n</disqus>\n"
    )
}

/// A thread of a Disqus file.
pub(crate) fn thread(id: u32) -> String {
    format!(
        "<thread dsq:id=\"{id}\"><id /><forum>demo</forum><category dsq:id=\"9\" /><link>https://www.example.org/{id}/</link>\
         <title>Page {id}</title><message /><createdAt>2020-01-01T00:00:00Z</createdAt><author><name>O</name></author>\
         <isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
    )
}

/// A post by a guest in thread 1, with this message (as raw markup).
pub(crate) fn post(id: u32, message: &str) -> String {
    format!(
        "<post dsq:id=\"{id}\">\n<id />\n<message>{message}</message>\n<createdAt>2020-01-02T00:00:00Z</createdAt>\n\
         <isDeleted>false</isDeleted>\n<isSpam>false</isSpam>\n<author>\n<name>Guest</name>\n\
         <isAnonymous>true</isAnonymous>\n</author>\n<thread dsq:id=\"1\" />\n</post>\n"
    )
}

/// A WXR file around these items.
pub(crate) fn wxr(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!-- generator=\"WordPress/6.1\" -->\n<rss version=\"2.0\" \
         xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel>\n\
         <title>Blog</title>\n<link>https://blog.example.org</link>\n<wp:wxr_version>1.2</wp:wxr_version>\n\
         <wp:base_blog_url>https://Blog.example.org/</wp:base_blog_url>\n{items}\n</channel>\n</rss>\n"
    )
}

/// An item of a WXR file, with these comments in it.
pub(crate) fn item(id: u32, comments: &str) -> String {
    format!(
        "<item>\n<title><![CDATA[Post {id}]]></title>\n<link>https://blog.example.org/post-{id}/</link>\n\
         <guid isPermaLink=\"false\">https://blog.example.org/?p={id}</guid>\n\
         <content:encoded><![CDATA[<p>Article</p>]]></content:encoded>\n<wp:post_id>{id}</wp:post_id>\n\
         <wp:post_date_gmt>2020-01-01 00:00:00</wp:post_date_gmt>\n<wp:comment_status>open</wp:comment_status>\n\
         {comments}</item>\n"
    )
}

/// A comment of an item.
pub(crate) fn wp_comment(id: u32, parent: u32, content: &str) -> String {
    format!(
        "<wp:comment>\n<wp:comment_id>{id}</wp:comment_id>\n<wp:comment_author><![CDATA[Ann]]></wp:comment_author>\n\
         <wp:comment_author_email>ann@example.org</wp:comment_author_email>\n\
         <wp:comment_author_url>https://ann.example.org/</wp:comment_author_url>\n\
         <wp:comment_author_IP>192.0.2.1</wp:comment_author_IP>\n\
         <wp:comment_date>2020-01-02 02:00:00</wp:comment_date>\n\
         <wp:comment_date_gmt>2020-01-02 00:00:00</wp:comment_date_gmt>\n\
         <wp:comment_content>{content}</wp:comment_content>\n<wp:comment_approved>1</wp:comment_approved>\n\
         <wp:comment_type>comment</wp:comment_type>\n<wp:comment_parent>{parent}</wp:comment_parent>\n\
         <wp:comment_user_id>0</wp:comment_user_id>\n</wp:comment>\n"
    )
}
